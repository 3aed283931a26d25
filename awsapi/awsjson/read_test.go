package awsjson

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func at2026(ms int64) *time.Time {
	return aws.Time(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(ms) * time.Millisecond))
}

const epoch2026 = 1767225600

func TestReadAccepts(t *testing.T) {
	tests := map[string]struct {
		body string
		want kitchen
	}{
		"nothing":                           {`{}`, kitchen{}},
		"white space around":                {" \r\n\t{ } \n", kitchen{}},
		"null is absent":                    {`{"string":null,"integer":null,"map":null,"nested":null,"stringList":null,"valueInteger":null}`, kitchen{}},
		"a later null undoes":               {`{"string":"a","string":null,"valueInteger":1,"valueInteger":null}`, kitchen{}},
		"the last of two counts":            {`{"string":"a","string":"b"}`, kitchen{String: aws.String("b")}},
		"the last of two structures counts": {`{"nested":{"string":"a"},"nested":{"integer":1}}`, kitchen{Nested: &kitchen{Integer: aws.Int32(1)}}},
		"the last of two lists counts":      {`{"stringList":["a","b"],"stringList":["c"]}`, kitchen{StringList: []string{"c"}}},
		"the last of two keys counts":       {`{"map":{"a":"1","a":"2"}}`, kitchen{Map: map[string]string{"a": "2"}}},
		"the last of two maps counts":       {`{"map":{"a":"1"},"map":{"b":"2"}}`, kitchen{Map: map[string]string{"b": "2"}}},
		"zeros are values": {
			`{"string":"","bool":false,"integer":0,"double":0}`,
			kitchen{String: aws.String(""), Bool: aws.Bool(false), Integer: aws.Int32(0), Double: aws.Float64(0)},
		},
		"empty list and map": {
			`{"stringList":[],"map":{},"nestedList":[]}`,
			kitchen{StringList: []string{}, Map: map[string]string{}, NestedList: []kitchen{}},
		},
		"null in a sparse list and map": {
			`{"sparseList":["a",null],"sparseMap":{"k":null}}`,
			kitchen{SparseList: []*string{aws.String("a"), nil}, SparseMap: map[string]*string{"k": nil}},
		},
		"integers at their limits": {
			`{"byte":-128,"short":32767,"integer":-2147483648,"long":9223372036854775807}`,
			kitchen{Byte: aws.Int8(-128), Short: aws.Int16(32767), Integer: aws.Int32(math.MinInt32), Long: aws.Int64(math.MaxInt64)},
		},
		"minus zero": {`{"integer":-0}`, kitchen{Integer: aws.Int32(0)}},
		"floats":     {`{"double":1.5e3,"float":0.1}`, kitchen{Double: aws.Float64(1500), Float: aws.Float32(0.1)}},
		"floats as words": {
			`{"double":"NaN","float":"-Infinity","nested":{"double":"Infinity"}}`,
			kitchen{
				Double: aws.Float64(math.NaN()), Float: aws.Float32(float32(math.Inf(-1))),
				Nested: &kitchen{Double: aws.Float64(math.Inf(1))},
			},
		},
		"enum with a value nobody knows": {`{"enum":"PUCE"}`, kitchen{Enum: "PUCE"}},
		"escapes": {
			`{"string":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000"}`,
			kitchen{String: aws.String("\"\\/\b\f\n\r\té😀\x00")},
		},
		"blob":                   {`{"blob":"AAEC/+8="}`, kitchen{Blob: []byte{0, 1, 2, 255, 239}}},
		"empty blob":             {`{"blob":""}`, kitchen{Blob: []byte{}}},
		"epoch":                  {fmt.Sprintf(`{"epoch":%d}`, epoch2026), kitchen{Epoch: at2026(0)}},
		"epoch with a fraction":  {fmt.Sprintf(`{"epoch":%d.821}`, epoch2026), kitchen{Epoch: at2026(821)}},
		"epoch finer than a ms":  {fmt.Sprintf(`{"epoch":%d.8214}`, epoch2026), kitchen{Epoch: at2026(821)}},
		"epoch with an exponent": {`{"epoch":1.7672256e9}`, kitchen{Epoch: at2026(0)}},
		"epoch before 1970":      {`{"epoch":-0.5}`, kitchen{Epoch: aws.Time(time.UnixMilli(-500).UTC())}},
		"date-time":              {`{"dateTime":"2026-01-01T00:00:00.821Z"}`, kitchen{DateTime: at2026(821)}},
		"date-time with offset":  {`{"dateTime":"2026-01-01T02:00:00+02:00"}`, kitchen{DateTime: at2026(0)}},
		"date-time in a list":    {`{"timeList":["2026-01-01T00:00:00Z"]}`, kitchen{TimeList: []time.Time{*at2026(0)}}},
		"http-date":              {`{"httpDate":"Thu, 01 Jan 2026 00:00:00 GMT"}`, kitchen{HttpDate: at2026(0)}},
		"as deep as allowed": {
			strings.Repeat(`{"nested":`, MaxDepth-1) + `{}` + strings.Repeat(`}`, MaxDepth-1), nestedKitchen(MaxDepth - 1),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := kitchen{String: aws.String("before"), Map: map[string]string{"before": ""}}
			unknown, err := kitchenCodec.Read([]byte(tt.body), &got)
			if err != nil || len(unknown) > 0 {
				t.Fatalf("error %v, unknown %v", err, unknown)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func nestedKitchen(depth int) kitchen {
	if depth == 0 {
		return kitchen{}
	}
	inner := nestedKitchen(depth - 1)
	return kitchen{Nested: &inner}
}

func TestReadNotesUnknownMembers(t *testing.T) {
	var got kitchen
	unknown, err := kitchenCodec.Read([]byte(`{"STRING":"a","nested":{"new":{"deep":[1,{"a":null}]}},"nestedList":[{},{"x":1}]}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := kitchen{Nested: &kitchen{}, NestedList: []kitchen{{}, {}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/STRING", "/nested/new", "/nestedList/1/x"}, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, `"x%d":0,`, i)
	}
	unknown, err = kitchenCodec.Read([]byte("{"+many.String()+`"string":"a"}`), &got)
	if err != nil || len(unknown) != maxUnknown {
		t.Errorf("%d noted, want %d; error %v", len(unknown), maxUnknown, err)
	}
}

func TestReadRefuses(t *testing.T) {
	const notJSON = "Unable to parse the request body as JSON"
	const trailing = "Unexpected content after the end of the document"
	tests := map[string]struct{ body, message, path string }{
		"nothing":                {``, notJSON, ""},
		"white space":            {` `, notJSON, ""},
		"an array":               {`[]`, "Start of list found where not expected", ""},
		"a null":                 {`null`, "NULL_VALUE can not be converted to a structure", ""},
		"a string":               {`"a"`, "STRING_VALUE can not be converted to a structure", ""},
		"a second document":      {`{}{}`, trailing, ""},
		"a byte after it":        {`{}x`, trailing, ""},
		"a byte order mark":      {"\xef\xbb\xbf{}", notJSON, ""},
		"half a document":        {`{"string":"a"`, notJSON, ""},
		"a comma too many":       {`{"string":"a",}`, notJSON, ""},
		"a comma too few":        {`{"string":"a" "integer":1}`, notJSON, ""},
		"a name without quotes":  {`{string:"a"}`, notJSON, ""},
		"a null name":            {`{"map":{null:"a"}}`, notJSON, "map"},
		"single quotes":          {`{'string':'a'}`, notJSON, ""},
		"a comment":              {`{/**/}`, notJSON, ""},
		"a control character":    {"{\"string\":\"a\nb\"}", notJSON, "string"},
		"an escape there is not": {`{"string":"\x41"}`, notJSON, "string"},
		"half a surrogate pair":  {`{"string":"\ud83d"}`, notJSON, "string"},
		"text not UTF-8":         {"{\"string\":\"\xff\"}", notJSON, "string"},
		"a name not UTF-8":       {"{\"\xff\":1}", notJSON, ""},
		"an unknown one not UTF-8": {
			"{\"x\":\"\xff\"}", notJSON, "",
		},
		"a number for a string":        {`{"string":1}`, "NUMBER_VALUE can not be converted to a String", "string"},
		"true for a string":            {`{"string":true}`, "TRUE_VALUE can not be converted to a String", "string"},
		"a structure for a string":     {`{"string":{}}`, "Start of structure or map found where not expected.", "string"},
		"a list for a string":          {`{"string":[]}`, "Start of list found where not expected", "string"},
		"a string for an integer":      {`{"integer":"123"}`, "STRING_VALUE can not be converted to an Integer", "integer"},
		"a fraction for an integer":    {`{"integer":1.001}`, "NUMBER_VALUE can not be converted to an Integer", "integer"},
		"1.0 for an integer":           {`{"integer":1.0}`, "NUMBER_VALUE can not be converted to an Integer", "integer"},
		"an exponent for an integer":   {`{"integer":1e2}`, "NUMBER_VALUE can not be converted to an Integer", "integer"},
		"true for an integer":          {`{"integer":true}`, "TRUE_VALUE can not be converted to an Integer", "integer"},
		"NaN for an integer":           {`{"integer":NaN}`, notJSON, "integer"},
		"the word NaN for an integer":  {`{"integer":"NaN"}`, "STRING_VALUE can not be converted to an Integer", "integer"},
		"hexadecimal":                  {`{"integer":0x10}`, notJSON, ""},
		"a leading zero":               {`{"integer":01}`, notJSON, ""},
		"a leading plus":               {`{"integer":+1}`, notJSON, "integer"},
		"a byte too large":             {`{"byte":128}`, "NUMBER_VALUE can not be converted to an Integer", "byte"},
		"a short too small":            {`{"short":-32769}`, "NUMBER_VALUE can not be converted to an Integer", "short"},
		"an integer too large":         {`{"integer":2147483648}`, "NUMBER_VALUE can not be converted to an Integer", "integer"},
		"a long too large":             {`{"long":9223372036854775808}`, "NUMBER_VALUE can not be converted to a Long", "long"},
		"a string for a float":         {`{"double":"1.5"}`, "STRING_VALUE can not be converted to a Double", "double"},
		"a word in the wrong case":     {`{"double":"nan"}`, "STRING_VALUE can not be converted to a Double", "double"},
		"a float too large":            {`{"double":1e999}`, "NUMBER_VALUE can not be converted to a Double", "double"},
		"a 32-bit float too large":     {`{"float":1e39}`, "NUMBER_VALUE can not be converted to a Double", "float"},
		"a number for a boolean":       {`{"bool":1}`, "NUMBER_VALUE can not be converted to a Boolean", "bool"},
		"a string for a boolean":       {`{"bool":"true"}`, "STRING_VALUE can not be converted to a Boolean", "bool"},
		"True for a boolean":           {`{"bool":True}`, notJSON, "bool"},
		"null in a list":               {`{"stringList":["a",null]}`, errNullElement, "stringList[1]"},
		"null in a list of structures": {`{"nestedList":[null]}`, errNullElement, "nestedList[0]"},
		"null in a map":                {`{"map":{"k":null}}`, errNullElement, "map[]"},
		"a structure for a list":       {`{"stringList":{}}`, "Start of structure or map found where not expected.", "stringList"},
		"a string for a list":          {`{"stringList":"a"}`, "STRING_VALUE can not be converted to a list", "stringList"},
		"a list for a map":             {`{"map":[]}`, "Start of list found where not expected", "map"},
		"a list in a list of strings":  {`{"stringList":[["a"]]}`, "Start of list found where not expected", "stringList[0]"},
		"a number in a deep place":     {`{"nestedList":[{},{"nested":{"map":{"k":1}}}]}`, "NUMBER_VALUE can not be converted to a String", "nestedList[1].nested.map[]"},
		"a string for an epoch":        {`{"epoch":"1767225600"}`, "STRING_VALUE can not be converted to a Timestamp", "epoch"},
		"a date for an epoch":          {`{"epoch":"2026-01-01T00:00:00Z"}`, "STRING_VALUE can not be converted to a Timestamp", "epoch"},
		"an epoch out of range":        {`{"epoch":1e300}`, "NUMBER_VALUE can not be converted to a Timestamp", "epoch"},
		"a number for a date-time":     {`{"dateTime":1767225600}`, "NUMBER_VALUE can not be converted to a Timestamp", "dateTime"},
		"no time in a date-time":       {`{"dateTime":"2026-01-01"}`, "STRING_VALUE can not be converted to a Timestamp", "dateTime"},
		"a date-time for an http-date": {`{"httpDate":"2026-01-01T00:00:00Z"}`, "STRING_VALUE can not be converted to a Timestamp", "httpDate"},
		"base64 without padding":       {`{"blob":"AAE"}`, "STRING_VALUE can not be converted to a Blob", "blob"},
		"base64 for URLs":              {`{"blob":"_-8="}`, "STRING_VALUE can not be converted to a Blob", "blob"},
		"base64 on two lines":          {`{"blob":"AA\nEC"}`, "STRING_VALUE can not be converted to a Blob", "blob"},
		"too deep": {
			strings.Repeat(`{"nested":`, MaxDepth) + `{}` + strings.Repeat(`}`, MaxDepth), errDepth,
			strings.TrimSuffix(strings.Repeat("nested.", MaxDepth), "."),
		},
		"too deep in what is not known": {
			`{"x":` + strings.Repeat(`[`, MaxDepth) + strings.Repeat(`]`, MaxDepth) + `}`, errDepth, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got kitchen
			_, err := kitchenCodec.Read([]byte(tt.body), &got)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("read %+v with error %v, want an *Error", got, err)
			}
			if diff := cmp.Diff(Error{Message: tt.message, Path: tt.path}, *e); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadUnions(t *testing.T) {
	mps := types.SharingStrategy(&types.SharingStrategyMemberNvidiaMps{Value: types.NvidiaMpsAllocation{Memory: aws.Int32(1)}})
	tests := map[string]struct {
		union string
		want  types.SharingStrategy // nil: refused
	}{
		"one member":                     {`{"nvidiaMps":{"memory":1}}`, mps},
		"another that is null":           {`{"other":null,"nvidiaMps":{"memory":1}}`, mps},
		"a __type beside it":             {`{"__type":"x","nvidiaMps":{"memory":1}}`, mps},
		"the last of two counts":         {`{"nvidiaMps":{},"nvidiaMps":{"memory":1}}`, mps},
		"one that came after its null":   {`{"nvidiaMps":null,"nvidiaMps":{"memory":1}}`, mps},
		"none":                           {`{}`, nil},
		"null alone":                     {`{"nvidiaMps":null}`, nil},
		"taken back by a null":           {`{"nvidiaMps":{},"nvidiaMps":null}`, nil},
		"a __type alone":                 {`{"__type":"x"}`, nil},
		"one that nobody knows":          {`{"other":{}}`, nil},
		"two":                            {`{"nvidiaMps":{},"other":1}`, nil},
		"two, the unknown one first":     {`{"other":1,"nvidiaMps":{}}`, nil},
		"a list":                         {`[]`, nil},
		"a string":                       {`"nvidiaMps"`, nil},
		"a member with the wrong number": {`{"nvidiaMps":{"memory":"1"}}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got types.ResourceRequirement
			_, err := ECS().Read([]byte(`{"value":"1","type":"GPU","sharingStrategy":`+tt.union+`}`), &got)
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("error %v, want union %v", err, tt.want)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(tt.want, got.SharingStrategy, exportAll); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadDocuments(t *testing.T) {
	for _, doc := range []string{
		`{"b":1,"a":[true,null,"x"]}`, `"text"`, `12345678901234567890.12345678901234567890`, `1e400`, `[]`, `true`,
		`{"deep":` + strings.Repeat("[", MaxDepth-2) + strings.Repeat("]", MaxDepth-2) + `}`,
	} {
		var got types.DeploymentLifecycleHook
		if _, err := ECS().Read([]byte(`{"hookDetails": `+doc+` }`), &got); err != nil {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		raw, err := got.HookDetails.MarshalSmithyDocument()
		if err != nil || string(raw) != doc {
			t.Errorf("%s: kept as %s, error %v", doc, raw, err)
		}
		back, err := ECS().Write(&got)
		if want := `{"hookDetails":` + doc + `}`; err != nil || string(back) != want {
			t.Errorf("wrote %s with error %v, want %s", back, err, want)
		}
	}
	for name, doc := range map[string]string{
		"not JSON": `{a}`, "not UTF-8": "\"\xff\"", "too deep": strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	} {
		var got types.DeploymentLifecycleHook
		if _, err := ECS().Read([]byte(`{"hookDetails":`+doc+`}`), &got); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestDocumentIntoGoValue(t *testing.T) {
	var hook types.DeploymentLifecycleHook
	if _, err := ECS().Read([]byte(`{"hookDetails":{"name":"x","n":[1,2]}}`), &hook); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Name string `document:"name"`
		N    []int  `document:"n"`
	}
	if err := hook.HookDetails.UnmarshalSmithyDocument(&got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "x" || !cmp.Equal(got.N, []int{1, 2}) {
		t.Errorf("got %+v", got)
	}
}

func TestNamesAreCaseSensitive(t *testing.T) {
	var got ecs.DescribeClustersInput
	unknown, err := ECS().Read([]byte(`{"CLUSTERS":["a"],"Clusters":["b"]}`), &got)
	if err != nil || got.Clusters != nil {
		t.Errorf("read %v with error %v, want no clusters", got.Clusters, err)
	}
	if diff := cmp.Diff([]string{"/CLUSTERS", "/Clusters"}, unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
}
