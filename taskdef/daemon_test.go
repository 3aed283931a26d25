package taskdef_test

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/taskdef"
)

// agent is a daemon's definition that ECS accepts.
func agent() *ecs.RegisterDaemonTaskDefinitionInput {
	return &ecs.RegisterDaemonTaskDefinitionInput{
		Family:               aws.String("agent"),
		ContainerDefinitions: []types.DaemonContainerDefinition{{Name: aws.String("agent"), Image: aws.String("agent:1")}},
	}
}

func TestValidateDaemon(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(in *ecs.RegisterDaemonTaskDefinitionInput)
		want   string
	}{
		{"without memory", func(*ecs.RegisterDaemonTaskDefinitionInput) {}, ""},
		{"no family", func(in *ecs.RegisterDaemonTaskDefinitionInput) { in.Family = nil }, "ClientException: Family can not be blank."},
		{"a registry's credentials with a role", func(in *ecs.RegisterDaemonTaskDefinitionInput) {
			in.ExecutionRoleArn = aws.String("arn:aws:iam::000000000000:role/exec")
			in.ContainerDefinitions[0].RepositoryCredentials = &types.RepositoryCredentials{CredentialsParameter: aws.String("arn:aws:secretsmanager:us-east-1:000000000000:secret:a")}
		}, ""},
		{"no container", func(in *ecs.RegisterDaemonTaskDefinitionInput) { in.ContainerDefinitions = nil }, "ClientException: Container list cannot be empty."},
		{"no image", func(in *ecs.RegisterDaemonTaskDefinitionInput) { in.ContainerDefinitions[0].Image = nil }, "ClientException: Container.image should not be null or empty."},
		{"pid mode", func(in *ecs.RegisterDaemonTaskDefinitionInput) { in.PidMode = "host" }, "InvalidParameterException: pid mode should be one of [none,shared]"},
		{"unknown volume", func(in *ecs.RegisterDaemonTaskDefinitionInput) {
			in.ContainerDefinitions[0].MountPoints = []types.MountPoint{{SourceVolume: aws.String("logs"), ContainerPath: aws.String("/logs")}}
		}, "ClientException: Unknown volume 'logs'."},
		{"log volume without a driver", func(in *ecs.RegisterDaemonTaskDefinitionInput) {
			in.Volumes = []types.DaemonVolume{{Name: aws.String("logs"), LogDriverVolumeConfiguration: &types.LogDriverVolumeConfiguration{}}}
		}, "ClientException: LogDriverVolumeConfiguration.driver should not be null or empty."},
		{"log volume of another driver", func(in *ecs.RegisterDaemonTaskDefinitionInput) {
			in.Volumes = []types.DaemonVolume{{Name: aws.String("logs"), LogDriverVolumeConfiguration: &types.LogDriverVolumeConfiguration{Driver: types.LogDriverAwslogs}}}
		}, "ClientException: Invalid setting for volume 'logs'. 'driver' must be json-file."},
		{"log volume on a path", func(in *ecs.RegisterDaemonTaskDefinitionInput) {
			in.Volumes = []types.DaemonVolume{{
				Name: aws.String("logs"), Host: &types.HostVolumeProperties{SourcePath: aws.String("/var/log")},
				LogDriverVolumeConfiguration: &types.LogDriverVolumeConfiguration{Driver: types.LogDriverJsonFile},
			}}
		}, "ClientException: Invalid setting for volume 'logs'. Only one volume configuration can be specified."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := agent()
			tt.change(in)
			got := ""
			if err := taskdef.ValidateDaemon(in); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ValidateDaemon (-want +got):\n%s", diff)
			}
		})
	}
}

// TestOrdinaryLosesNothing fills every member of a daemon's container and looks
// for each under its name in the ordinary one.
func TestOrdinaryLosesNothing(t *testing.T) {
	def := &types.DaemonTaskDefinition{ContainerDefinitions: make([]types.DaemonContainerDefinition, 1)}
	given := reflect.ValueOf(&def.ContainerDefinitions[0]).Elem()
	fill(given)
	made := reflect.ValueOf(taskdef.Ordinary(def).ContainerDefinitions[0])
	for i := range given.NumField() {
		field := given.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		from, to := given.Field(i), made.FieldByName(field.Name)
		if field.Name == "LinuxParameters" {
			continue
		}
		if !reflect.DeepEqual(from.Interface(), to.Interface()) {
			t.Errorf("%s is %v in the ordinary definition, want %v", field.Name, to.Interface(), from.Interface())
		}
	}
	from, to := given.FieldByName("LinuxParameters").Elem(), made.FieldByName("LinuxParameters").Elem()
	for i := range from.NumField() {
		if field := from.Type().Field(i); field.IsExported() && !reflect.DeepEqual(from.Field(i).Interface(), to.FieldByName(field.Name).Interface()) {
			t.Errorf("LinuxParameters.%s is lost", field.Name)
		}
	}
}

func TestOrdinaryNamespaces(t *testing.T) {
	shared := taskdef.Ordinary(&types.DaemonTaskDefinition{PidMode: types.DaemonPidModeShared, IpcMode: types.DaemonIpcModeShared})
	if shared.PidMode != types.PidModeHost || shared.IpcMode != types.IpcModeHost {
		t.Errorf("shared becomes %q and %q, want the host's", shared.PidMode, shared.IpcMode)
	}
	own := taskdef.Ordinary(&types.DaemonTaskDefinition{PidMode: types.DaemonPidModeNone, IpcMode: types.DaemonIpcModeNone})
	if own.PidMode != "" || own.IpcMode != "" {
		t.Errorf("none becomes %q and %q, want the pod's own", own.PidMode, own.IpcMode)
	}
}
