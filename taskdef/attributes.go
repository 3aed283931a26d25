package taskdef

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

const (
	classic = "com.amazonaws.ecs.capability."
	modern  = "ecs.capability."
)

// attributeSet collects the names of what a container instance must be capable
// of. The names are those that the ECS agent announces (aws/amazon-ecs-agent,
// agent_capability.go); which member asks for which is in the Developer Guide,
// task_definition_parameters.
type attributeSet map[string]bool

func (s attributeSet) add(when bool, names ...string) {
	for _, n := range names {
		if when {
			s[n] = true
		}
	}
}

// remoteAPI is the version of Docker's API that a member came with.
func (s attributeSet) remoteAPI(when bool, version string) {
	s.add(when, classic+"docker-remote-api."+version)
}

// requiresAttributes is nil where nothing is asked for: ECS then leaves the
// member out.
func requiresAttributes(in *ecs.RegisterTaskDefinitionInput) []types.Attribute {
	s := attributeSet{}
	s.task(in)
	for _, v := range in.Volumes {
		s.volume(v)
	}
	for _, c := range in.ContainerDefinitions {
		s.container(c)
		s.logging(c, aws.ToString(in.ExecutionRoleArn) != "")
		s.secrets(c)
	}
	var out []types.Attribute
	for _, name := range slices.Sorted(maps.Keys(s)) {
		out = append(out, types.Attribute{Name: aws.String(name)})
	}
	return out
}

func (s attributeSet) task(in *ecs.RegisterTaskDefinitionInput) {
	awsvpc := in.NetworkMode == types.NetworkModeAwsvpc
	role := aws.ToString(in.TaskRoleArn) != ""
	s.add(awsvpc, modern+"task-eni")
	s.remoteAPI(awsvpc, "1.18")
	s.add(role, classic+"task-iam-role")
	s.add(role && in.NetworkMode == types.NetworkModeHost, classic+"task-iam-role-network-host")
	s.add(aws.ToString(in.Cpu) != "" || aws.ToString(in.Memory) != "", modern+"task-cpu-mem-limit")
	s.add(in.PidMode != "" || in.IpcMode != "", modern+"pid-ipc-namespace-sharing")
	s.add(in.ProxyConfiguration != nil, modern+"aws-appmesh")
	s.add(aws.ToBool(in.EnableFaultInjection), modern+"fault-injection")
}

func (s attributeSet) volume(v types.Volume) {
	if e := v.EfsVolumeConfiguration; e != nil {
		s.add(true, modern+"efs")
		s.add(e.AuthorizationConfig != nil, modern+"efsAuth")
	}
	if d := v.DockerVolumeConfiguration; d != nil {
		s.add(aws.ToString(d.Driver) != "", modern+"docker-plugin."+aws.ToString(d.Driver))
	}
	s.add(aws.ToBool(v.ConfiguredAtLaunch), modern+"storage.ebs-task-volume-attach")
}

func (s attributeSet) container(c types.ContainerDefinition) {
	s.add(aws.ToBool(c.Privileged), classic+"privileged-container")
	s.add(c.HealthCheck != nil, modern+"container-health-check")
	s.remoteAPI(c.HealthCheck != nil, "1.24")
	s.add(len(c.DependsOn) > 0 || c.StartTimeout != nil || c.StopTimeout != nil, modern+"container-ordering")
	s.add(c.RepositoryCredentials != nil, modern+"private-registry-authentication.secretsmanager")
	s.add(len(c.EnvironmentFiles) > 0, modern+"env-files.s3")
	s.add(c.RestartPolicy != nil && aws.ToBool(c.RestartPolicy.Enabled), modern+"container-restart-policy")
	s.add(slices.ContainsFunc(c.PortMappings, func(p types.PortMapping) bool { return p.ContainerPortRange != nil }),
		modern+"network.container-port-range")
	s.remoteAPI(len(c.DockerLabels) > 0 || len(c.Ulimits) > 0, "1.18")
	s.remoteAPI(c.LinuxParameters != nil && c.LinuxParameters.InitProcessEnabled != nil, "1.25")
	if f := c.FirelensConfiguration; f != nil {
		s.add(true, modern+"firelens."+string(f.Type))
		kind := f.Options["config-file-type"]
		s.add(kind == "file" || kind == "s3", modern+"firelens.options.config."+kind)
	}
}

func (s attributeSet) logging(c types.ContainerDefinition, executionRole bool) {
	ecr := executionRole && fromECR(aws.ToString(c.Image))
	s.add(ecr, modern+"execution-role-ecr-pull", classic+"ecr-auth")
	l := c.LogConfiguration
	if l == nil {
		return
	}
	awslogs := l.LogDriver == types.LogDriverAwslogs
	s.add(true, classic+"logging-driver."+string(l.LogDriver))
	s.add(executionRole && awslogs, modern+"execution-role-awslogs")
	s.remoteAPI(awslogs, "1.19")
	s.remoteAPI(!awslogs, "1.18")
	for _, o := range l.SecretOptions {
		s.add(true, modern+"secrets."+secretStore(o)+".bootstrap.log-driver")
	}
}

func (s attributeSet) secrets(c types.ContainerDefinition) {
	for _, secret := range c.Secrets {
		s.add(true, modern+"secrets."+secretStore(secret)+".environment-variables")
	}
}

// secretStore tells Secrets Manager, which is named by ARN, from the Parameter
// Store (API reference, Secret.valueFrom).
func secretStore(s types.Secret) string {
	if parts := strings.SplitN(aws.ToString(s.ValueFrom), ":", 4); len(parts) == 4 && parts[0] == "arn" && parts[2] == "secretsmanager" {
		return "asm"
	}
	return "ssm"
}
