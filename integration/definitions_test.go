package integration

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/testimages"
	"github.com/gantry-ecs/gantry/translator"
)

// TestPublishedDefinitionsStart starts tasks from definitions of the corpus that
// a small node can hold, with a test image in place of theirs.
func TestPublishedDefinitionsStart(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	files, err := filepath.Glob("../taskdef/testdata/corpus/valid/*.json")
	s.ok(err, "find the corpus")
	started := 0
	for _, file := range files {
		def, err := startable(file)
		if err != nil {
			continue // TestCorpusOutcomes and docs/corpus.md have the reasons of ECS and of Gantry
		}
		if started++; started > rounds(8, 100) {
			break
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			at := *s
			at.T = t
			id := at.run(at.register(def), func(in *ecs.RunTaskInput) {
				if def.NetworkMode == types.NetworkModeAwsvpc {
					in.NetworkConfiguration = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
				}
			})
			at.running(id)
			_, err := at.ecs.StopTask(t.Context(), &ecs.StopTaskInput{Cluster: &at.cluster, Task: &id})
			at.ok(err, "StopTask")
			at.stopped(id) // the node is small, and others need room on it
		})
	}
	if started < 8 {
		t.Errorf("only %d of %d definitions were tried", started, len(files))
	}
}

// startable is a definition with another image; an error says why a small node
// cannot hold it, or why none of it can be tried without what it names in AWS.
func startable(file string) (*ecs.RegisterTaskDefinitionInput, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	in := &ecs.RegisterTaskDefinitionInput{}
	if err := awsjson.Unmarshal(data, in); err != nil {
		return nil, err
	}
	if err := taskdef.Validate(in); err != nil {
		return nil, err
	}
	in.Family = aws.String(unique("it"))
	for i := range in.ContainerDefinitions {
		c := &in.ContainerDefinitions[i]
		if len(c.Secrets)+len(c.ResourceRequirements)+len(c.DependsOn) > 0 || c.Cpu > 512 || aws.ToInt32(c.Memory) > 512 {
			return nil, errors.New("it needs secrets, devices, a shell or much room")
		}
		c.Image, c.EntryPoint, c.Command, c.HealthCheck = aws.String(testimages.Reference("sleeps")), nil, nil, nil
		c.StopTimeout = aws.Int32(2)
		for p := range c.PortMappings {
			if in.NetworkMode != types.NetworkModeAwsvpc {
				c.PortMappings[p].HostPort = nil // another test may have it
			}
		}
	}
	if cpu, _ := strconv.Atoi(aws.ToString(in.Cpu)); cpu > 512 || in.NetworkMode == types.NetworkModeHost || in.PidMode != "" {
		return nil, errors.New("it needs much room, or the node's own namespaces")
	}
	rendered := translator.RenderPodSpec(translator.TaskInput{
		TaskDefinition: taskdef.New(in), Capabilities: translator.Capabilities{PodLevelResources: true, ContainerRestartRules: true},
	})
	for _, v := range rendered.Spec.Volumes {
		if v.PersistentVolumeClaim != nil || v.HostPath != nil {
			return nil, errors.New("it needs a file system of its own")
		}
	}
	if refused := rendered.Refusals(); len(refused) > 0 {
		return nil, errors.New(refused[0].Message())
	}
	return in, nil
}

// TestContainersHaveWhatTheirDefinitionSays: a program in the container looks.
func TestContainersHaveWhatTheirDefinitionSays(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const file = "arn:aws:s3:::settings/prod/app.env"
	first := container("app", "checks", func(c *types.ContainerDefinition) {
		c.Links = []string{"helper:database"}
		c.ExtraHosts = []types.HostEntry{{Hostname: aws.String("db.example"), IpAddress: aws.String("192.0.2.7")}}
		c.Hostname = aws.String("one")
		c.DnsServers, c.DnsSearchDomains = []string{"192.0.2.53"}, []string{"example.com"}
		c.DockerSecurityOptions = []string{"no-new-privileges"}
		c.SystemControls = []types.SystemControl{{Namespace: aws.String("net.ipv4.tcp_keepalive_time"), Value: aws.String("301")}}
		c.EnvironmentFiles = []types.EnvironmentFile{{Type: types.EnvironmentFileTypeS3, Value: aws.String(file)}}
		c.VolumesFrom = []types.VolumeFrom{{SourceContainer: aws.String("helper"), ReadOnly: aws.Bool(true)}}
		c.LinuxParameters = &types.LinuxParameters{
			InitProcessEnabled: aws.Bool(true), SharedMemorySize: aws.Int32(8),
			Tmpfs:        []types.Tmpfs{{ContainerPath: aws.String("/fast"), Size: 8}},
			Capabilities: &types.KernelCapabilities{Drop: []string{"ALL"}},
		}
		c.Command = []string{
			"host:database=127.0.0.1", "host:helper=127.0.0.1", "host:db.example=192.0.2.7", "hostname:=one",
			"resolver:nameserver=192.0.2.53", "resolver:search=example.com", "status:NoNewPrivs=1", "status:CapEff=0000000000000000",
			"file:/proc/sys/net/ipv4/tcp_keepalive_time=301", "mount:/fast=tmpfs", "mount:/dev/shm=tmpfs", "pid:=false",
			"env:FROM_FILE=a $HOME b", "env:BOTH=environment",
		}
		c.Environment = []types.KeyValuePair{{Name: aws.String("BOTH"), Value: aws.String("environment")}}
	})
	helper := container("helper", "sleeps", notEssential, func(c *types.ContainerDefinition) {
		c.MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}
	})
	definition := s.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(unique("it")), ContainerDefinitions: []types.ContainerDefinition{first, helper},
		Volumes: []types.Volume{{Name: aws.String("data"), DockerVolumeConfiguration: &types.DockerVolumeConfiguration{Scope: types.ScopeTask}}},
	})
	name, _ := translator.EnvironmentFileName(file)
	_, err := suite.kube.CoreV1().Secrets("ecs-"+s.cluster).Create(t.Context(), &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: name}, StringData: map[string]string{"FROM_FILE": "a $HOME b", "BOTH": "file"},
	}, metav1.CreateOptions{})
	s.ok(err, "create the file of variables")
	task := s.stopped(s.run(definition))
	for _, c := range task.Containers {
		if aws.ToString(c.Name) == "app" && (c.ExitCode == nil || *c.ExitCode != 0) {
			t.Errorf("container app: exit code %v, reason %q; task %q", show(c.ExitCode), aws.ToString(c.Reason), aws.ToString(task.StoppedReason))
		}
	}
}

// TestRestartPolicies: a container begins again unless its code is ignored; an
// essential one that ran for too short a time ends its task.
func TestRestartPolicies(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	policy := func(ignored ...int32) func(*types.ContainerDefinition) {
		return func(c *types.ContainerDefinition) {
			c.RestartPolicy = &types.ContainerRestartPolicy{Enabled: aws.Bool(true), IgnoredExitCodes: ignored, RestartAttemptPeriod: aws.Int32(60)}
		}
	}
	again := s.run(s.define(container("app", "sleeps"), container("job", "exits", command("3"), notEssential, policy(0))))
	ignored := s.run(s.define(container("app", "exits", command("3"), policy(3))))
	short := s.run(s.define(container("app", "exits", command("3"), policy())))
	if task := s.stopped(ignored); aws.ToInt32(task.Containers[0].ExitCode) != 3 || task.StopCode != types.TaskStopCodeEssentialContainerExited {
		t.Errorf("a code that is ignored: %s %s", show(task.Containers[0].ExitCode), task.StopCode)
	}
	if task := s.stopped(short); task.StopCode != types.TaskStopCodeEssentialContainerExited {
		t.Errorf("an essential container that ran for too short: %s", task.StopCode)
	}
	eventually(t, startLimit, "the job begins again", func() (bool, string) {
		for _, status := range s.podOf(again).Status.ContainerStatuses {
			if status.Name == "job" && status.RestartCount > 0 {
				return true, ""
			}
		}
		return false, show(s.podOf(again).Status.ContainerStatuses)
	})
	if task := s.task(again); aws.ToString(task.LastStatus) != "RUNNING" {
		t.Errorf("the task of the job that begins again is %s", aws.ToString(task.LastStatus))
	}
}
