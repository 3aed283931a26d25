package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var ignoreMetadata = cmpopts.IgnoreUnexported(
	ecs.DescribeServicesOutput{}, ecs.DescribeServicesInput{}, types.Service{}, types.Deployment{}, types.Failure{},
	types.ServiceEvent{}, types.Tag{}, applicationautoscaling.DescribeScalableTargetsOutput{}, scalingtypes.ScalableTarget{},
)

func TestHandleServesTheRealClient(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	want := &ecs.DescribeServicesOutput{
		Services: []types.Service{{
			ServiceName: aws.String("web"), Status: aws.String("ACTIVE"), CreatedAt: &at,
			DesiredCount: 2, RunningCount: 0, LaunchType: types.LaunchTypeFargate,
			Deployments: []types.Deployment{{Id: aws.String("ecs-svc/1"), RolloutState: types.DeploymentRolloutStateInProgress}},
			Events:      []types.ServiceEvent{},
		}},
		Failures: []types.Failure{},
	}
	var got *ecs.DescribeServicesInput
	var caller Caller
	var requestID string
	svc := NewECS()
	Handle(svc, "DescribeServices", func(ctx context.Context, in *ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
		got, caller, requestID = in, CallerFrom(ctx), callFrom(ctx).requestID
		return want, nil
	})
	client := ecsClient(serve(t, Config{}, svc))
	in := &ecs.DescribeServicesInput{
		Cluster: aws.String("c"), Services: []string{"web"}, Include: []types.ServiceField{types.ServiceFieldTags},
	}
	out, err := client.DescribeServices(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, got, ignoreMetadata); diff != "" {
		t.Errorf("input (-sent +handled):\n%s", diff)
	}
	ignoreResult := cmpopts.IgnoreFields(ecs.DescribeServicesOutput{}, "ResultMetadata")
	if diff := cmp.Diff(want, out, ignoreMetadata, ignoreResult); diff != "" {
		t.Errorf("output (-returned +received):\n%s", diff)
	}
	wantCaller := Caller{
		Account: testKey, Region: "eu-west-1", AccessKeyID: testKey,
	}
	if diff := cmp.Diff(wantCaller, caller); diff != "" {
		t.Errorf("caller (-want +got):\n%s", diff)
	}
	if id := requestIDOf(out.ResultMetadata); id == "" || id != requestID {
		t.Errorf("request id: client has %q, handler had %q", id, requestID)
	}
}

func TestHandleServesApplicationAutoScaling(t *testing.T) {
	svc := NewAutoScaling()
	Handle(svc, "DescribeScalableTargets", func(_ context.Context, in *applicationautoscaling.DescribeScalableTargetsInput) (*applicationautoscaling.DescribeScalableTargetsOutput, error) {
		if in.ServiceNamespace != scalingtypes.ServiceNamespaceEcs || len(in.ResourceIds) != 1 {
			return nil, &scalingtypes.ValidationException{Message: aws.String("not what was sent")}
		}
		return &applicationautoscaling.DescribeScalableTargetsOutput{ScalableTargets: []scalingtypes.ScalableTarget{{
			ResourceId: aws.String(in.ResourceIds[0]), MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(3),
		}}}, nil
	})
	client := scalingClient(serve(t, Config{}, NewECS(), svc))
	out, err := client.DescribeScalableTargets(t.Context(), &applicationautoscaling.DescribeScalableTargetsInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ResourceIds: []string{"service/c/web"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []scalingtypes.ScalableTarget{{ResourceId: aws.String("service/c/web"), MinCapacity: aws.Int32(0), MaxCapacity: aws.Int32(3)}}
	if diff := cmp.Diff(want, out.ScalableTargets, ignoreMetadata); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
}

func TestHandlerErrorsReachTheClientTyped(t *testing.T) {
	tests := map[string]struct {
		err    error
		status int
		check  func(error) bool
	}{
		"modelled": {
			&types.ClusterNotFoundException{Message: aws.String("Cluster not found.")}, 400,
			func(err error) bool {
				var e *types.ClusterNotFoundException
				return errors.As(err, &e) && e.ErrorMessage() == "Cluster not found."
			},
		},
		"with members of its own": {
			&types.ConflictException{Message: aws.String("m"), ResourceIds: []string{"a", "b"}}, 400,
			func(err error) bool {
				var e *types.ConflictException
				return errors.As(err, &e) && cmp.Equal(e.ResourceIds, []string{"a", "b"})
			},
		},
		"wrapped": {
			fmt.Errorf("run: %w", &types.BlockedException{Message: aws.String("Your account is currently blocked.")}), 400,
			func(err error) bool {
				var e *types.BlockedException
				return errors.As(err, &e)
			},
		},
		"server fault": {
			&types.ServerException{Message: aws.String("m")}, 500,
			func(err error) bool {
				var e *types.ServerException
				return errors.As(err, &e)
			},
		},
		"generic": {
			&smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded", Fault: smithy.FaultClient}, 400,
			func(err error) bool {
				var e smithy.APIError
				return errors.As(err, &e) && e.ErrorCode() == "ThrottlingException" && e.ErrorMessage() == "Rate exceeded"
			},
		},
		"unforeseen": {
			errors.New("dial tcp 10.0.0.1:6443: secret detail"), 500,
			func(err error) bool {
				var e *types.ServerException
				return errors.As(err, &e) && e.ErrorMessage() == serviceUnavailable
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			svc := NewECS()
			Handle(svc, "CreateCluster", func(context.Context, *ecs.CreateClusterInput) (*ecs.CreateClusterOutput, error) {
				return nil, tt.err
			})
			_, err := ecsClient(serve(t, Config{}, svc)).CreateCluster(t.Context(), &ecs.CreateClusterInput{})
			var resp *smithyhttp.ResponseError
			if !errors.As(err, &resp) || resp.HTTPStatusCode() != tt.status {
				t.Errorf("error %v, want status %d", err, tt.status)
			}
			if !tt.check(err) {
				t.Errorf("error %#v is not what the handler returned", err)
			}
		})
	}
}

func TestScalingErrorsReachTheClientTyped(t *testing.T) {
	tests := map[string]struct {
		err    error
		status int
		check  func(error) bool
	}{
		"validation": {
			&scalingtypes.ValidationException{Message: aws.String("m")}, 400,
			func(err error) bool {
				var e *scalingtypes.ValidationException
				return errors.As(err, &e) && *e.Message == "m"
			},
		},
		"not found": {
			&scalingtypes.ObjectNotFoundException{Message: aws.String("m")}, 400,
			func(err error) bool { var e *scalingtypes.ObjectNotFoundException; return errors.As(err, &e) },
		},
		"concurrent": {
			&scalingtypes.ConcurrentUpdateException{Message: aws.String("m")}, 500,
			func(err error) bool { var e *scalingtypes.ConcurrentUpdateException; return errors.As(err, &e) },
		},
		"unforeseen": {
			errors.New("boom"), 500,
			func(err error) bool { var e *scalingtypes.InternalServiceException; return errors.As(err, &e) },
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			svc := NewAutoScaling()
			Handle(svc, "DeleteScalingPolicy", func(context.Context, *applicationautoscaling.DeleteScalingPolicyInput) (*applicationautoscaling.DeleteScalingPolicyOutput, error) {
				return nil, tt.err
			})
			_, err := scalingClient(serve(t, Config{}, svc)).DeleteScalingPolicy(t.Context(), &applicationautoscaling.DeleteScalingPolicyInput{
				PolicyName: aws.String("p"), ResourceId: aws.String("service/c/s"),
				ServiceNamespace: scalingtypes.ServiceNamespaceEcs, ScalableDimension: scalingtypes.ScalableDimensionECSServiceDesiredCount,
			})
			var resp *smithyhttp.ResponseError
			if !errors.As(err, &resp) || resp.HTTPStatusCode() != tt.status || !tt.check(err) {
				t.Errorf("got %v, want status %d and the handler's error", err, tt.status)
			}
		})
	}
}

func TestPanicBecomesServerException(t *testing.T) {
	svc := NewECS()
	Handle(svc, "CreateCluster", func(context.Context, *ecs.CreateClusterInput) (*ecs.CreateClusterOutput, error) {
		panic("boom")
	})
	_, err := ecsClient(serve(t, Config{}, svc)).CreateCluster(t.Context(), &ecs.CreateClusterInput{})
	var e *types.ServerException
	if !errors.As(err, &e) || e.ErrorMessage() != serviceUnavailable {
		t.Errorf("got %v, want ServerException", err)
	}
}

func TestOperationNotServedNamesIt(t *testing.T) {
	_, err := ecsClient(serve(t, Config{}, NewECS())).ListGateways(t.Context(), &ecs.ListGatewaysInput{})
	var e *types.UnsupportedFeatureException
	var resp *smithyhttp.ResponseError
	if !errors.As(err, &e) || !errors.As(err, &resp) || resp.HTTPStatusCode() != http.StatusBadRequest {
		t.Fatalf("got %v, want UnsupportedFeatureException with 400", err)
	}
	if want := "The operation ListGateways is not supported by Gantry."; e.ErrorMessage() != want {
		t.Errorf("message %q, want %q", e.ErrorMessage(), want)
	}
}

// A call that waits for something that does not answer gets an answer itself.
func TestCallIsGivenUpInTime(t *testing.T) {
	svc := NewECS()
	Handle(svc, "ListClusters", func(ctx context.Context, _ *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
		<-ctx.Done()
		return nil, fmt.Errorf("list what hangs: %w", ctx.Err())
	})
	client := ecsClient(serve(t, Config{CallTimeout: 50 * time.Millisecond}, svc))
	_, err := client.ListClusters(t.Context(), &ecs.ListClustersInput{})
	server, ok := errors.AsType[*types.ServerException](err)
	if !ok || server.ErrorMessage() != serviceUnavailable {
		t.Fatalf("got %v, want a ServerException that says %q", err, serviceUnavailable)
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); !ok || response.HTTPStatusCode() != http.StatusInternalServerError {
		t.Errorf("got %v, want status 500", err)
	}
}
