package awsapi

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	smithy "github.com/aws/smithy-go"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// NewECS returns Amazon ECS with all operations that the SDK knows, none of
// them served.
func NewECS() *Service {
	return &Service{
		name:        "ecs",
		signingName: "ecs",
		protocol:    &awsJSON11{target: "AmazonEC2ContainerServiceV20141113", codec: awsjson.ECS()},
		operations:  operationsOf(reflect.TypeFor[*ecs.Client]()),
		internal: func() smithy.APIError {
			return &types.ServerException{Message: aws.String(serviceUnavailable)}
		},
		unsupported: func(op string) smithy.APIError {
			return &types.UnsupportedFeatureException{Message: aws.String(unsupportedText(op))}
		},
	}
}

func unsupportedText(op string) string {
	return fmt.Sprintf("The operation %s is not supported by Gantry.", op)
}
