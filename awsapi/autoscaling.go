package awsapi

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	smithy "github.com/aws/smithy-go"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// NewAutoScaling returns Application Auto Scaling with all operations that the
// SDK knows, none of them served.
func NewAutoScaling() *Service {
	return &Service{
		name:        "application-autoscaling",
		signingName: "application-autoscaling",
		protocol:    &awsJSON11{target: "AnyScaleFrontendService", codec: awsjson.AutoScaling()},
		operations:  operationsOf(reflect.TypeFor[*applicationautoscaling.Client]()),
		internal: func() smithy.APIError {
			return &types.InternalServiceException{Message: aws.String(serviceUnavailable)}
		},
		// Its model has no error for this; the name is the one that ECS has.
		unsupported: func(op string) smithy.APIError {
			return &smithy.GenericAPIError{
				Code: "UnsupportedFeatureException", Message: unsupportedText(op), Fault: smithy.FaultClient,
			}
		},
	}
}
