package taskdef_test

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/taskdef"
)

// mutation turns the plain registration into the one that a test is about.
type mutation func(in *ecs.RegisterTaskDefinitionInput)

// refusal is one request and the error that it gets; "" means that it is valid.
type refusal struct {
	name   string
	change mutation
	want   string
}

// plain is a definition with two containers, web and helper, that ECS accepts.
func plain() *ecs.RegisterTaskDefinitionInput {
	return &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("app"),
		ContainerDefinitions: []types.ContainerDefinition{
			{Name: aws.String("web"), Image: aws.String("web:1"), Memory: aws.Int32(128)},
			{Name: aws.String("helper"), Image: aws.String("helper:1"), Memory: aws.Int32(64), Essential: aws.Bool(false)},
		},
	}
}

// onFargate is the same for Fargate.
func onFargate(change mutation) mutation {
	return func(in *ecs.RegisterTaskDefinitionInput) {
		in.RequiresCompatibilities = []types.Compatibility{types.CompatibilityFargate}
		in.NetworkMode = types.NetworkModeAwsvpc
		in.Cpu, in.Memory = aws.String("256"), aws.String("512")
		change(in)
	}
}

// web changes the first container.
func web(change func(c *types.ContainerDefinition)) mutation {
	return func(in *ecs.RegisterTaskDefinitionInput) { change(&in.ContainerDefinitions[0]) }
}

func checkRefusals(t *testing.T, tests []refusal) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := plain()
			tt.change(in)
			got := ""
			if err := taskdef.Validate(in); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Validate (-want +got):\n%s", diff)
			}
		})
	}
}

// asInput is what a client sends that builds a new revision from a described one.
func asInput(td *types.TaskDefinition) *ecs.RegisterTaskDefinitionInput {
	var in ecs.RegisterTaskDefinitionInput
	from, to := reflect.ValueOf(*td), reflect.ValueOf(&in).Elem()
	for i := range to.NumField() {
		field := to.Type().Field(i)
		if source := from.FieldByName(field.Name); field.IsExported() && source.IsValid() {
			to.Field(i).Set(source)
		}
	}
	return &in
}

// definitions are those that a registration accepts, by file.
func definitions(t *testing.T) map[string]*ecs.RegisterTaskDefinitionInput {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions in testdata: %v", err)
	}
	out := map[string]*ecs.RegisterTaskDefinitionInput{}
	for _, file := range append(files, corpusFiles(t, "valid")...) {
		in, err := readDefinition(t, file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if taskdef.Validate(in) == nil {
			out[file] = in
		}
	}
	return out
}

// TestNewIsStable: the definitions that people register are stored and read
// without loss, and what DescribeTaskDefinition answers for them can be
// registered again and changes no more.
func TestNewIsStable(t *testing.T) {
	for name, in := range definitions(t) {
		t.Run(name, func(t *testing.T) { checkStable(t, in) })
	}
}

func checkStable(t *testing.T, in *ecs.RegisterTaskDefinitionInput) {
	t.Helper()
	first := taskdef.New(in)
	stored, err := awsjson.Marshal(first)
	if err != nil {
		t.Fatalf("store: %v", err)
	}
	described := &types.TaskDefinition{}
	if err := awsjson.Unmarshal(stored, described); err != nil {
		t.Fatalf("read: %v", err)
	}
	if diff := cmp.Diff(first, described, ignoreSerde); diff != "" {
		t.Errorf("stored and read (-registered +described):\n%s", diff)
	}
	again := asInput(described)
	if err := taskdef.Validate(again); err != nil {
		t.Fatalf("the answer is not legal input: %v", err)
	}
	if diff := cmp.Diff(first, taskdef.New(again), ignoreSerde); diff != "" {
		t.Errorf("registered again (-first +second):\n%s", diff)
	}
}

var ignoreSerde = cmp.FilterPath(func(p cmp.Path) bool {
	return p.Last().String() == ".noSmithyDocumentSerde"
}, cmp.Ignore())

// TestNewKeepsTheRequest: nothing that was given is changed, but for the forms
// of the task's size and empty roles.
func TestNewKeepsTheRequest(t *testing.T) {
	for name, in := range definitions(t) {
		t.Run(name, func(t *testing.T) {
			got := asInput(taskdef.New(in))
			for i, c := range in.ContainerDefinitions {
				got.ContainerDefinitions[i] = withoutDefaults(c, got.ContainerDefinitions[i])
			}
			want := *in
			want.Cpu, want.Memory, want.Tags = got.Cpu, got.Memory, got.Tags
			for i := range want.Volumes {
				if want.Volumes[i].Host == nil && got.Volumes[i].Host != nil {
					got.Volumes[i].Host = nil
				}
			}
			if diff := cmp.Diff(&want, got, ignoreSerde, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("changed (-sent +answered):\n%s", diff)
			}
		})
	}
}

// withoutDefaults takes from the answer the members with a default that the
// request did not give: the complete list of them.
func withoutDefaults(sent, answered types.ContainerDefinition) types.ContainerDefinition {
	if sent.Essential == nil {
		answered.Essential = nil
	}
	for i, p := range sent.PortMappings {
		if p.HostPort == nil {
			answered.PortMappings[i].HostPort = nil
		}
		if p.Protocol == "" {
			answered.PortMappings[i].Protocol = ""
		}
	}
	if h := sent.HealthCheck; h != nil {
		if h.Interval == nil {
			answered.HealthCheck.Interval = nil
		}
		if h.Timeout == nil {
			answered.HealthCheck.Timeout = nil
		}
		if h.Retries == nil {
			answered.HealthCheck.Retries = nil
		}
	}
	return answered
}

func TestNewDefaults(t *testing.T) {
	in := &ecs.RegisterTaskDefinitionInput{
		Family:           aws.String("app"),
		NetworkMode:      types.NetworkModeAwsvpc,
		Cpu:              aws.String(".25 vcpu"),
		Memory:           aws.String("0.5 gb"),
		TaskRoleArn:      aws.String(""),
		ExecutionRoleArn: aws.String("ecsTaskExecutionRole"),
		Volumes:          []types.Volume{{Name: aws.String("scratch")}},
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("web"), Image: aws.String("web:1"),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}, {ContainerPortRange: aws.String("90-91")}},
			HealthCheck:  &types.HealthCheck{Command: []string{"CMD", "true"}},
			LogConfiguration: &types.LogConfiguration{LogDriver: types.LogDriverAwslogs, Options: map[string]string{
				"awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p",
			}},
		}},
	}
	attributes := []types.Attribute{}
	for _, name := range []string{
		"com.amazonaws.ecs.capability.docker-remote-api.1.18",
		"com.amazonaws.ecs.capability.docker-remote-api.1.19",
		"com.amazonaws.ecs.capability.docker-remote-api.1.24",
		"com.amazonaws.ecs.capability.logging-driver.awslogs",
		"ecs.capability.container-health-check",
		"ecs.capability.execution-role-awslogs",
		"ecs.capability.network.container-port-range",
		"ecs.capability.task-cpu-mem-limit",
		"ecs.capability.task-eni",
	} {
		attributes = append(attributes, types.Attribute{Name: aws.String(name)})
	}
	want := &types.TaskDefinition{
		Family:               aws.String("app"),
		NetworkMode:          types.NetworkModeAwsvpc,
		Cpu:                  aws.String("256"),
		Memory:               aws.String("512"),
		ExecutionRoleArn:     aws.String("ecsTaskExecutionRole"),
		PlacementConstraints: []types.TaskDefinitionPlacementConstraint{},
		Volumes:              []types.Volume{{Name: aws.String("scratch"), Host: &types.HostVolumeProperties{}}},
		Compatibilities:      []types.Compatibility{types.CompatibilityEc2, types.CompatibilityManagedInstances, types.CompatibilityFargate},
		RequiresAttributes:   attributes,
		ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("web"), Image: aws.String("web:1"), Essential: aws.Bool(true),
			Environment: []types.KeyValuePair{}, MountPoints: []types.MountPoint{},
			VolumesFrom: []types.VolumeFrom{}, SystemControls: []types.SystemControl{},
			PortMappings: []types.PortMapping{
				{ContainerPort: aws.Int32(80), HostPort: aws.Int32(80), Protocol: types.TransportProtocolTcp},
				{ContainerPortRange: aws.String("90-91"), Protocol: types.TransportProtocolTcp},
			},
			HealthCheck: &types.HealthCheck{
				Command: []string{"CMD", "true"}, Interval: aws.Int32(30), Timeout: aws.Int32(5), Retries: aws.Int32(3),
			},
			LogConfiguration: &types.LogConfiguration{
				LogDriver: types.LogDriverAwslogs, Options: in.ContainerDefinitions[0].LogConfiguration.Options,
			},
		}},
	}
	if diff := cmp.Diff(want, taskdef.New(in), ignoreSerde); diff != "" {
		t.Errorf("New (-want +got):\n%s", diff)
	}
}

func TestNewSharesNothing(t *testing.T) {
	in := plain()
	in.ContainerDefinitions[0].DockerLabels = map[string]string{"a": "1"}
	in.ContainerDefinitions[0].Command = []string{"run"}
	got := taskdef.New(in)
	in.ContainerDefinitions[0].DockerLabels["a"] = "2"
	in.ContainerDefinitions[0].Command[0] = "changed"
	*in.ContainerDefinitions[0].Memory = 1
	*in.Family = "changed"
	c := got.ContainerDefinitions[0]
	if c.DockerLabels["a"] != "1" || c.Command[0] != "run" || *c.Memory != 128 || *got.Family != "app" {
		t.Errorf("the definition changed with the request: %+v", c)
	}
}

func TestCompatibilities(t *testing.T) {
	ec2 := []types.Compatibility{types.CompatibilityEc2, types.CompatibilityManagedInstances}
	tests := []struct {
		name   string
		change mutation
		want   []types.Compatibility
	}{
		{"no network mode", func(*ecs.RegisterTaskDefinitionInput) {}, []types.Compatibility{types.CompatibilityExternal, types.CompatibilityEc2}},
		{"host", func(in *ecs.RegisterTaskDefinitionInput) { in.NetworkMode = types.NetworkModeHost }, []types.Compatibility{types.CompatibilityExternal, types.CompatibilityEc2}},
		{"awsvpc without a size", func(in *ecs.RegisterTaskDefinitionInput) { in.NetworkMode = types.NetworkModeAwsvpc }, ec2},
		{"awsvpc of a size that Fargate lacks", onFargate(func(in *ecs.RegisterTaskDefinitionInput) { in.Memory = aws.String("8192") }), ec2},
		{"awsvpc of a size that Fargate has", onFargate(func(*ecs.RegisterTaskDefinitionInput) {}), append(ec2, types.CompatibilityFargate)},
		{"a stop timeout that Fargate lacks", onFargate(web(func(c *types.ContainerDefinition) { c.StopTimeout = aws.Int32(121) })), ec2},
		{"Windows", onFargate(func(in *ecs.RegisterTaskDefinitionInput) {
			in.RuntimePlatform = &types.RuntimePlatform{OperatingSystemFamily: types.OSFamilyWindowsServer2022Core}
			in.Cpu, in.Memory = aws.String("1024"), aws.String("2048")
		}), []types.Compatibility{types.CompatibilityEc2, types.CompatibilityFargate}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := plain()
			tt.change(in)
			if diff := cmp.Diff(tt.want, taskdef.New(in).Compatibilities); diff != "" {
				t.Errorf("compatibilities (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNothingPanics: every member alone missing, empty or absurd, in every
// definition of testdata.
func TestNothingPanics(t *testing.T) {
	for name, in := range definitions(t) {
		t.Run(name, func(t *testing.T) {
			disturb(reflect.ValueOf(in).Elem(), func() {
				_ = taskdef.Validate(in)
				_ = taskdef.New(in)
			})
		})
	}
	_ = taskdef.Validate(&ecs.RegisterTaskDefinitionInput{})
	_ = taskdef.New(&ecs.RegisterTaskDefinitionInput{})
}

// disturb calls fn with each settable value below v replaced in turn.
func disturb(v reflect.Value, fn func()) {
	if v.CanSet() {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		for _, odd := range odds(v.Type()) {
			v.Set(odd)
			fn()
		}
		v.Set(old)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			disturb(v.Elem(), fn)
		}
	case reflect.Slice:
		for i := range v.Len() {
			disturb(v.Index(i), fn)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				disturb(v.Field(i), fn)
			}
		}
	default:
	}
}

func odds(t reflect.Type) []reflect.Value {
	out := []reflect.Value{reflect.Zero(t)}
	odd := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Pointer:
		for _, o := range odds(t.Elem()) {
			p := reflect.New(t.Elem())
			p.Elem().Set(o)
			out = append(out, p)
		}
	case reflect.Slice:
		out = append(out, reflect.MakeSlice(t, 0, 0), reflect.MakeSlice(t, 1, 1))
	case reflect.String:
		odd.SetString("1e999 \x00$é-:/")
		out = append(out, odd)
	case reflect.Int32:
		odd.SetInt(-2147483648)
		out = append(out, odd)
	default:
	}
	return out
}
