package integration

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	aastypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The kubelet's and the metrics server's rounds, and the autoscaler's after them.
const scaleLimit = 3 * time.Minute

// TestLoadScalesService: load on the CPU raises desiredCount, its end lowers it
// again, and the activities say why.
func TestLoadScalesService(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	// A quarter of a CPU at most, so that the load leaves the other tests alone.
	definition := s.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(unique("it")), ContainerDefinitions: webContainers()[:1],
		NetworkMode: types.NetworkModeAwsvpc, RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate},
		Cpu: aws.String("256"), Memory: aws.String("512"),
	})
	s.serve("web", definition, 1, func(in *ecs.CreateServiceInput) {
		in.LaunchType, in.NetworkConfiguration = types.LaunchTypeFargate, fargateNetwork()
	})
	s.stable("web")
	task := s.list("web", types.DesiredStatusRunning)[0]
	resource := "service/" + s.cluster + "/web"
	high, low := s.track(resource, 1, 2)
	end := s.burn(s.podOf(task).Status.PodIP)
	s.scaledTo(resource, 2, high)
	s.stable("web")
	s.activity(resource, 2, high, aastypes.ScalingActivityStatusCodeSuccessful, "Successfully set desired count to 2. Change successfully fulfilled by ecs.")
	s.liveCount(2)
	end()
	s.scaledTo(resource, 1, low)
	s.activity(resource, 1, low, aastypes.ScalingActivityStatusCodeSuccessful, "Successfully set desired count to 1. Change successfully fulfilled by ecs.")
	s.liveCount(1)
	if svc := s.stable("web"); len(svc.Deployments) != 1 {
		t.Errorf("scaling has made %d deployments", len(svc.Deployments))
	}
}

// track registers the service and a policy that tracks its CPU, and returns the
// names of the policy's alarms.
func (s *scene) track(resource string, minimum, maximum int32) (high, low string) {
	s.Helper()
	scaling := s.gantry.scaling()
	_, err := scaling.RegisterScalableTarget(s.Context(), &aas.RegisterScalableTargetInput{
		ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: &resource,
		ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount, MinCapacity: &minimum, MaxCapacity: &maximum,
	})
	s.ok(err, "RegisterScalableTarget")
	put, err := scaling.PutScalingPolicy(s.Context(), &aas.PutScalingPolicyInput{
		PolicyName: aws.String("cpu"), ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: &resource,
		ScalableDimension: aastypes.ScalableDimensionECSServiceDesiredCount, PolicyType: aastypes.PolicyTypeTargetTrackingScaling,
		TargetTrackingScalingPolicyConfiguration: &aastypes.TargetTrackingScalingPolicyConfiguration{
			TargetValue: aws.Float64(20), ScaleOutCooldown: aws.Int32(1), ScaleInCooldown: aws.Int32(5),
			PredefinedMetricSpecification: &aastypes.PredefinedMetricSpecification{PredefinedMetricType: aastypes.MetricTypeECSServiceAverageCPUUtilization},
		},
	})
	s.ok(err, "PutScalingPolicy")
	for _, alarm := range put.Alarms {
		if strings.Contains(aws.ToString(alarm.AlarmName), "AlarmHigh") {
			high = aws.ToString(alarm.AlarmName)
		} else {
			low = aws.ToString(alarm.AlarmName)
		}
	}
	if high == "" || low == "" {
		s.Fatalf("PutScalingPolicy answers alarms %s, want a high and a low one", show(put.Alarms))
	}
	return high, low
}

// burn keeps a task busy until the returned function is called.
func (s *scene) burn(address string) (end func()) {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(address, webPort)+"/burn?ms=2000", http.NoBody)
			if err != nil {
				s.Errorf("make request: %v", err)
				return
			}
			answer, err := direct.Do(request)
			if err != nil {
				if ctx.Err() == nil {
					s.Errorf("GET /burn: %v", err)
				}
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
	})
	end = func() {
		cancel()
		wg.Wait()
	}
	s.Cleanup(end)
	return end
}

// scaledTo waits until the service's desired count is the one given, and an
// activity says that the alarm did it.
func (s *scene) scaledTo(resource string, count int32, alarm string) {
	s.Helper()
	eventually(s.T, scaleLimit, "desiredCount becomes "+show(count), func() (bool, string) {
		svc := s.service("web")
		return svc.DesiredCount == count, show(svc.DesiredCount)
	})
	s.activity(resource, count, alarm, "", "")
}

// activity waits for an activity that sets this count and, where given, has this
// status; and checks what it says.
func (s *scene) activity(resource string, count int32, alarm string, status aastypes.ScalingActivityStatusCode, message string) {
	s.Helper()
	var found aastypes.ScalingActivity
	eventually(s.T, startLimit, "an activity that sets "+show(count)+" "+string(status), func() (bool, string) {
		out, err := s.gantry.scaling().DescribeScalingActivities(s.Context(), &aas.DescribeScalingActivitiesInput{
			ServiceNamespace: aastypes.ServiceNamespaceEcs, ResourceId: &resource,
		})
		s.ok(err, "DescribeScalingActivities")
		var seen []string
		for _, a := range out.ScalingActivities { // newest first
			if aws.ToString(a.Description) == "Setting desired count to "+show(count)+"." && (status == "" || a.StatusCode == status) {
				found = a
				return true, ""
			}
			seen = append(seen, aws.ToString(a.Description)+" "+string(a.StatusCode))
		}
		return false, strings.Join(seen, ", ")
	})
	if want := "monitor alarm " + alarm + " in state ALARM triggered policy cpu"; aws.ToString(found.Cause) != want {
		s.Errorf("the cause is %q, want %q", aws.ToString(found.Cause), want)
	}
	if message != "" && aws.ToString(found.StatusMessage) != message {
		s.Errorf("statusMessage is %q, want %q", aws.ToString(found.StatusMessage), message)
	}
}
