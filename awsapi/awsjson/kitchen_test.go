package awsjson

import (
	"reflect"
	"time"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/prelude"
	"github.com/aws/smithy-go/traits"
)

// kitchen has a member of every form that Smithy knows; the SDK's ECS types
// lack blobs, sparse collections and the text formats of timestamps.
type kitchen struct {
	Blob         []byte
	Bool         *bool
	Byte         *int8
	DateTime     *time.Time
	Double       *float64
	Enum         color
	Epoch        *time.Time
	Float        *float32
	HttpDate     *time.Time //nolint:revive // as the SDK would name it
	Integer      *int32
	Long         *int64
	Map          map[string]string
	Nested       *kitchen
	NestedList   []kitchen
	NestedMap    map[string]kitchen
	Short        *int16
	SparseList   []*string
	SparseMap    map[string]*string
	String       *string
	StringList   []string
	TimeList     []time.Time
	ValueBool    bool
	ValueInteger int32
}

type color string

var kitchenSchema = func() *smithy.Schema {
	id := func(name string) smithy.ShapeID { return smithy.ShapeID{Namespace: "test", Name: name} }
	strs := smithy.NewSchema(id("Strings"), smithy.ShapeTypeList, 1)
	strs.AddMember("member", prelude.String)
	strMap := smithy.NewSchema(id("StringMap"), smithy.ShapeTypeMap, 2)
	strMap.AddMember("key", prelude.String)
	strMap.AddMember("value", prelude.String)
	dateTime := smithy.NewSchema(id("DateTime"), smithy.ShapeTypeTimestamp, 0, &traits.TimestampFormat{Format: "date-time"})
	times := smithy.NewSchema(id("Times"), smithy.ShapeTypeList, 1)
	times.AddMember("member", dateTime)

	s := smithy.NewSchema(id("Kitchen"), smithy.ShapeTypeStructure, 23)
	kitchens := smithy.NewSchema(id("Kitchens"), smithy.ShapeTypeList, 1)
	kitchenMap := smithy.NewSchema(id("KitchenMap"), smithy.ShapeTypeMap, 2)
	for name, target := range map[string]*smithy.Schema{
		"blob": prelude.Blob, "bool": prelude.Boolean, "byte": prelude.Byte, "double": prelude.Double,
		"enum": prelude.String, "epoch": prelude.Timestamp, "float": prelude.Float, "integer": prelude.Integer,
		"long": prelude.Long, "short": prelude.Short, "string": prelude.String, "valueBool": prelude.Boolean,
		"valueInteger": prelude.Integer, "map": strMap, "sparseMap": strMap, "sparseList": strs, "stringList": strs,
		"timeList": times, "dateTime": dateTime, "nested": s, "nestedList": kitchens, "nestedMap": kitchenMap,
	} {
		s.AddMember(name, target)
	}
	s.AddMember("httpDate", prelude.Timestamp, &traits.TimestampFormat{Format: "http-date"})
	kitchens.AddMember("member", s)
	kitchenMap.AddMember("key", prelude.String)
	kitchenMap.AddMember("value", s)
	return s
}()

func (*kitchen) Serialize(s smithy.ShapeSerializer) {
	s.WriteStruct(kitchenSchema)
	s.CloseStruct()
}

var kitchenCodec = New(LowerFirst, nil, map[reflect.Type]func([]byte) any{})
