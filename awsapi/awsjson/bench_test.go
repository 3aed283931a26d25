package awsjson

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// BenchmarkEncodeDescribeTasks100 writes an answer of the most tasks that one
// call describes, each with every member filled.
func BenchmarkEncodeDescribeTasks100(b *testing.B) {
	var one ecs.DescribeTasksOutput
	if _, err := ECS().Read(snapshotBodies(b)["DescribeTasksOutput"], &one); err != nil {
		b.Fatal(err)
	}
	benchmarkDescribeTasks(b, one.Tasks[0])
}

// BenchmarkEncodeDescribeTasks100Plain writes tasks as a service has them.
func BenchmarkEncodeDescribeTasks100Plain(b *testing.B) {
	benchmarkDescribeTasks(b, plainTask())
}

func benchmarkDescribeTasks(b *testing.B, task types.Task) {
	out := &ecs.DescribeTasksOutput{Failures: []types.Failure{}}
	for range 100 {
		out.Tasks = append(out.Tasks, task)
	}
	b.ReportAllocs()
	var body []byte
	for b.Loop() {
		var err error
		if body, err = ECS().Append(body[:0], out); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)))
	}
}

func BenchmarkDecodeRunTask(b *testing.B) {
	body := snapshotBodies(b)["RunTaskInput"]
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var in ecs.RunTaskInput
		if _, err := ECS().Read(body, &in); err != nil {
			b.Fatal(err)
		}
	}
}

func plainTask() types.Task {
	p := func(s string) *string { return &s }
	at := at2026(821)
	arn := p("arn:aws:ecs:us-east-1:000000000000:task/default/0123456789abcdef0123456789abcdef")
	one := int32(0)
	return types.Task{
		Attachments: []types.Attachment{}, Attributes: []types.Attribute{{Name: p("ecs.cpu-architecture"), Value: p("x86_64")}},
		AvailabilityZone: p("us-east-1a"), ClusterArn: p("arn:aws:ecs:us-east-1:000000000000:cluster/default"),
		Connectivity: types.ConnectivityConnected, ConnectivityAt: at, Cpu: p("256"), Memory: p("512"), CreatedAt: at,
		Containers: []types.Container{{
			ContainerArn: arn, TaskArn: arn, Name: p("web"), Image: p("registry.example/web:1"), LastStatus: p("RUNNING"),
			HealthStatus: types.HealthStatusHealthy, Cpu: p("0"), ExitCode: &one, RuntimeId: p("containerd://0123456789abcdef"),
			NetworkBindings: []types.NetworkBinding{}, NetworkInterfaces: []types.NetworkInterface{{PrivateIpv4Address: p("10.1.2.3")}},
		}},
		DesiredStatus: p("RUNNING"), LastStatus: p("RUNNING"), HealthStatus: types.HealthStatusHealthy, Group: p("service:web"),
		LaunchType: types.LaunchTypeFargate, PlatformFamily: p("Linux"), PlatformVersion: p("1.4.0"), PullStartedAt: at,
		PullStoppedAt: at, StartedAt: at, StartedBy: p("ecs-svc/1234567890123456789"), Tags: []types.Tag{}, TaskArn: arn,
		TaskDefinitionArn: p("arn:aws:ecs:us-east-1:000000000000:task-definition/web:1"), Version: 3,
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: p("web")}}},
	}
}
