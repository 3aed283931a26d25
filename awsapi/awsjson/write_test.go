package awsjson

import (
	"math"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/document"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestWrite(t *testing.T) {
	zeros := `"valueBool":false,"valueInteger":0`
	tests := map[string]struct {
		value any
		want  string
	}{
		"zeros held by value":    {kitchen{}, `{` + zeros + `}`},
		"through a pointer":      {&kitchen{}, `{` + zeros + `}`},
		"no member":              {ecs.TagResourceOutput{}, `{}`},
		"zeros behind pointers":  {kitchen{String: aws.String(""), Bool: aws.Bool(false), Integer: aws.Int32(0)}, `{"bool":false,"integer":0,"string":"",` + zeros + `}`},
		"empty collections":      {kitchen{StringList: []string{}, Map: map[string]string{}, Blob: []byte{}}, `{"blob":"","map":{},"stringList":[],` + zeros + `}`},
		"null in sparse ones":    {kitchen{SparseList: []*string{nil, aws.String("a")}, SparseMap: map[string]*string{"k": nil}}, `{"sparseList":[null,"a"],"sparseMap":{"k":null},` + zeros + `}`},
		"keys in order":          {kitchen{Map: map[string]string{"b": "2", "a": "1", "B": "0"}}, `{"map":{"B":"0","a":"1","b":"2"},` + zeros + `}`},
		"no escape for HTML":     {kitchen{String: aws.String(`<a href="x">&'</a>`)}, `{"string":"<a href=\"x\">&'</a>",` + zeros + `}`},
		"escapes":                {kitchen{String: aws.String("\u2028\u2029\x00\x1f\b\f\n\r\t\\é😀/")}, `{"string":"\u2028\u2029\u0000\u001f\b\f\n\r\t\\é😀/",` + zeros + `}`},
		"escapes in a key":       {kitchen{Map: map[string]string{"\u2028\"": "x"}}, `{"map":{"\u2028\"":"x"},` + zeros + `}`},
		"text not UTF-8":         {kitchen{String: aws.String("a\xffb")}, "{\"string\":\"a\ufffdb\"," + zeros + `}`},
		"seconds":                {kitchen{Epoch: at2026(0)}, `{"epoch":1767225600,` + zeros + `}`},
		"one decimal":            {kitchen{Epoch: at2026(500)}, `{"epoch":1767225600.5,` + zeros + `}`},
		"three decimals":         {kitchen{Epoch: at2026(1)}, `{"epoch":1767225600.001,` + zeros + `}`},
		"never more":             {kitchen{Epoch: aws.Time(at2026(821).Add(999 * time.Microsecond))}, `{"epoch":1767225600.821,` + zeros + `}`},
		"in another zone":        {kitchen{Epoch: aws.Time(at2026(0).In(time.FixedZone("x", 3600)))}, `{"epoch":1767225600,` + zeros + `}`},
		"before 1970":            {kitchen{Epoch: aws.Time(time.UnixMilli(-1500))}, `{"epoch":-1.5,` + zeros + `}`},
		"date-time":              {kitchen{DateTime: at2026(820)}, `{"dateTime":"2026-01-01T00:00:00.82Z",` + zeros + `}`},
		"date-time in a list":    {kitchen{TimeList: []time.Time{*at2026(0)}}, `{"timeList":["2026-01-01T00:00:00Z"],` + zeros + `}`},
		"http-date":              {kitchen{HttpDate: at2026(0)}, `{"httpDate":"Thu, 01 Jan 2026 00:00:00 GMT",` + zeros + `}`},
		"floats":                 {kitchen{Double: aws.Float64(50), Float: aws.Float32(0.1)}, `{"double":50,"float":0.1,` + zeros + `}`},
		"floats as words":        {kitchen{Double: aws.Float64(math.NaN()), Float: aws.Float32(float32(math.Inf(-1)))}, `{"double":"NaN","float":"-Infinity",` + zeros + `}`},
		"long":                   {kitchen{Long: aws.Int64(math.MinInt64)}, `{"long":-9223372036854775808,` + zeros + `}`},
		"enum":                   {kitchen{Enum: "RED"}, `{"enum":"RED",` + zeros + `}`},
		"a service's zeros":      {types.Deployment{}, `{"desiredCount":0,"failedTasks":0,"pendingCount":0,"runningCount":0}`},
		"a list that is always":  {ecs.RunTaskOutput{Failures: []types.Failure{}, Tasks: []types.Task{}}, `{"failures":[],"tasks":[]}`},
		"an enum in a list":      {types.TaskDefinition{Compatibilities: []types.Compatibility{"EC2", ""}}, `{"compatibilities":["EC2",""],"revision":0}`},
		"a union":                {types.ResourceRequirement{Type: "GPU", Value: aws.String("1"), SharingStrategy: &types.SharingStrategyMemberNvidiaMps{}}, `{"sharingStrategy":{"nvidiaMps":{}},"type":"GPU","value":"1"}`},
		"a document of the SDK":  {types.DeploymentLifecycleHook{HookDetails: document.NewLazyDocument(map[string]any{"a": 1})}, `{"hookDetails":{"a":1}}`},
		"names with a capital":   {applicationautoscaling.RegisterScalableTargetOutput{ScalableTargetARN: aws.String("arn")}, `{"ScalableTargetARN":"arn"}`},
		"capitals in a nest":     {scalingtypes.Alarm{AlarmName: aws.String("n")}, `{"AlarmName":"n"}`},
		"result metadata is not": {ecs.CreateClusterOutput{}, `{}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := codecFor(tt.value).Write(tt.value)
			if err != nil || string(got) != tt.want {
				t.Errorf("wrote %s with error %v, want %s", got, err, tt.want)
			}
		})
	}
}

func codecFor(v any) *Codec {
	switch v.(type) {
	case kitchen, *kitchen:
		return kitchenCodec
	case applicationautoscaling.RegisterScalableTargetOutput, scalingtypes.Alarm:
		return AutoScaling()
	default:
		return ECS()
	}
}

func TestWriteRefusesWhatHasNoForm(t *testing.T) {
	for name, v := range map[string]any{
		"a union member of no union": types.ResourceRequirement{SharingStrategy: &types.UnknownUnionMember{Tag: "x"}},
		"a nil pointer as a union":   types.ResourceRequirement{SharingStrategy: (*types.SharingStrategyMemberNvidiaMps)(nil)},
		"no union in a list": types.ServiceConnectConfiguration{
			ContainerConfigurations: []types.ServiceConnectContainerConfiguration{nil},
		},
	} {
		if got, err := ECS().Write(v); err == nil {
			t.Errorf("%s: wrote %s", name, got)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	tests := map[string]struct {
		codec *Codec
		code  string
		err   any
		want  string
	}{
		"ECS": {
			ECS(), "ConflictException", &types.ConflictException{Message: aws.String("m"), ResourceIds: []string{"a"}},
			`{"__type":"ConflictException","message":"m","resourceIds":["a"]}`,
		},
		"without a text": {ECS(), "ClientException", &types.ClientException{}, `{"__type":"ClientException"}`},
		"an override of the code is in the code alone": {
			ECS(), "Other", &types.ClientException{ErrorCodeOverride: aws.String("Other")}, `{"__type":"Other"}`,
		},
		"Application Auto Scaling": {
			AutoScaling(), "TooManyTagsException",
			&scalingtypes.TooManyTagsException{Message: aws.String("m"), ResourceName: aws.String("r"), ErrorCodeOverride: aws.String("x")},
			`{"__type":"TooManyTagsException","Message":"m","ResourceName":"r"}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := tt.codec.WriteError(tt.code, tt.err)
			if err != nil || string(got) != tt.want {
				t.Errorf("wrote %s with error %v, want %s", got, err, tt.want)
			}
		})
	}
	if got, want := string(ECS().WriteGenericError("A", "<\u2028>")), `{"__type":"A","message":"<\u2028>"}`; got != want {
		t.Errorf("wrote %s, want %s", got, want)
	}
	if got, want := string(AutoScaling().WriteGenericError("A", "b")), `{"__type":"A","Message":"b"}`; got != want {
		t.Errorf("wrote %s, want %s", got, want)
	}
}
