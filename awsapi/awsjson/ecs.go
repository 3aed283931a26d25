package awsjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ecs/document"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	smithyjson "github.com/aws/smithy-go/document/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ECS returns the codec of Amazon ECS.
var ECS = sync.OnceValue(func() *Codec {
	return New(LowerFirst, ecsUnions, map[reflect.Type]func([]byte) any{
		reflect.TypeFor[document.Interface](): ecsDocument,
	})
})

var ecsUnions = []Union{
	UnionOf[types.DescribeGatewayConfiguration](&types.DescribeGatewayConfigurationMemberHostSharedAlb{}),
	UnionOf[types.GatewayConfiguration](&types.GatewayConfigurationMemberHostSharedAlb{}),
	UnionOf[types.GatewayConnectionResources](&types.GatewayConnectionResourcesMemberHostSharedAlb{}),
	UnionOf[types.GatewayElbAccessLogDestination](&types.GatewayElbAccessLogDestinationMemberS3{}),
	UnionOf[types.GatewayInfrastructureResources](&types.GatewayInfrastructureResourcesMemberHostSharedAlb{}),
	UnionOf[types.GatewayRouteResources](&types.GatewayRouteResourcesMemberHostSharedAlb{}),
	UnionOf[types.ServiceConnectContainerConfiguration](&types.ServiceConnectContainerConfigurationMemberLogLevel{}),
	UnionOf[types.SharingStrategy](&types.SharingStrategyMemberNvidiaMps{}),
	UnionOf[types.UpdateGatewayConfiguration](&types.UpdateGatewayConfigurationMemberHostSharedAlb{}),
}

// jsonDocument is a document of ECS that came as JSON. The embedded nil
// interface carries the SDK's mark, which no other package can give a type.
type jsonDocument struct {
	document.Interface
	raw jsontext.Value
}

func ecsDocument(raw []byte) any { return &jsonDocument{raw: raw} }

// MarshalSmithyDocument returns the JSON as it came.
func (d *jsonDocument) MarshalSmithyDocument() ([]byte, error) { return d.raw, nil }

// UnmarshalSmithyDocument reads the JSON into a Go value, by the SDK's rules.
func (d *jsonDocument) UnmarshalSmithyDocument(v any) error {
	dec := json.NewDecoder(bytes.NewReader(d.raw))
	dec.UseNumber()
	var parsed any
	if err := dec.Decode(&parsed); err != nil {
		return fmt.Errorf("unmarshal a document: %w", err)
	}
	return smithyjson.NewDecoder().DecodeJSONInterface(parsed, v)
}
