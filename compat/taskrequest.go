package compat

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// taskRequestCases are about what a request can say of a task.
func taskRequestCases() []Case {
	return []Case{
		{
			Name: "task/identifiers", Operations: []string{"RunTask", "DescribeTasks", "StopTask"},
			Description: "cluster and task are named by name or id, or by ARN; a task of another cluster is refused",
			Source:      "API reference, DescribeTasks; text noted in asynkron/protoactor-dotnet issue 2055",
			Run:         taskIdentifiers,
		},
		{
			Name: "task/tags", Operations: []string{"RunTask", "DescribeTasks"},
			Description: "tags come from the request, the definition and ECS, and are described where asked for",
			Source:      "API reference, RunTask.propagateTags, .enableECSManagedTags",
			Run:         taskTags,
		},
		{
			Name: "task/group", Operations: []string{"RunTask"},
			Description: "a group that is given is kept",
			Source:      "API reference, RunTask.group",
			Run: func(t *T) {
				cluster, family := t.Cluster("c"), t.Name("f")
				t.Register(family, t.container("sleeps"))
				task := t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(family), Group: aws.String("mine")})[0]
				t.Equal("group", task.Group, "mine")
			},
		},
		{
			Name: "task/fargate", Operations: []string{"RunTask", "DescribeTasks"}, Needs: []Feature{Tasks},
			Description: "a Fargate task has a platform, storage, and one network interface",
			Source:      "recorded on AWS through Step Functions by LocalStack's tests",
			Timeout:     3 * time.Minute, Run: taskFargate,
		},
		{
			Name: "task/capacity-providers", Operations: []string{"RunTask"},
			Description: "the tasks of a call are of the providers of its strategy, by base and weight",
			Source:      "API reference, CapacityProviderStrategyItem, Task.capacityProviderName",
			Run:         taskCapacityProviders,
		},
		{
			Name: "task/bridge-ports", Operations: []string{"DescribeTasks"}, Needs: []Feature{Tasks},
			Description: "a container on a bridge answers the host port of its container port",
			Source:      "API reference, NetworkBinding",
			Timeout:     3 * time.Minute, Run: taskBridgePorts,
		},
		{
			Name: "task/command-with-dollars", Operations: []string{"RunTask", "DescribeTasks"}, Needs: []Feature{Containers},
			Description: "$(NAME) in a command is not replaced by ECS",
			Source:      "API reference, ContainerDefinition.command",
			Timeout:     3 * time.Minute, Run: func(t *T) {
				c := t.container("exits", "$(EXIT_CODE)")
				c.Environment = []types.KeyValuePair{{Name: aws.String("EXIT_CODE"), Value: aws.String("3")}}
				// The program refuses an argument that is no number with 1.
				t.Equal("exitCode", t.ended(c, nil).Containers[0].ExitCode, 1)
			},
		},
	}
}

func taskIdentifiers(t *T) {
	cluster, other, family := t.Cluster("c"), t.Cluster("other"), t.Name("f")
	td := t.Register(family, t.container("sleeps"))
	clusterARN := t.describeCluster(cluster).ClusterArn
	task := t.RunTasks(&ecs.RunTaskInput{Cluster: clusterARN, TaskDefinition: td.TaskDefinitionArn})[0]
	arn := aws.ToString(task.TaskArn)
	for _, reference := range []string{arn, lastPart(arn)} {
		t.Equal("taskArn of "+reference, t.describeTask(aws.ToString(clusterARN), reference).TaskArn, arn)
	}
	const text = "Invalid identifier: Identifier is for cluster "
	_, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: aws.String(other), Tasks: []string{arn}})
	t.Error(err, "DescribeTasks in another cluster", "InvalidParameterException", text+cluster+". Your cluster is "+other)
	_, err = t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(other), Task: aws.String(arn)})
	t.Error(err, "StopTask in another cluster", "InvalidParameterException", text+cluster+". Your cluster is "+other)
	out, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{Cluster: aws.String(other), Tasks: []string{lastPart(arn)}})
	t.OK(err, "DescribeTasks by id in another cluster")
	t.missing(out.Failures, ":task/"+other+"/"+lastPart(arn))
}

func taskTags(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), ContainerDefinitions: []types.ContainerDefinition{t.container("sleeps")},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("definition")}, {Key: aws.String("from"), Value: aws.String("definition")}},
	})
	in := &ecs.RunTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(family), EnableECSManagedTags: true, PropagateTags: types.PropagateTagsTaskDefinition,
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("request")}},
	}
	arn := aws.ToString(t.RunTasks(in)[0].TaskArn)
	t.Equal("number of tags when not asked for", len(t.describeTask(cluster, arn).Tags), 0)
	out, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{
		Cluster: aws.String(cluster), Tasks: []string{arn}, Include: []types.TaskField{types.TaskFieldTags},
	})
	t.OK(err, "DescribeTasks with tags")
	if len(out.Tasks) != 1 {
		t.Fatal("DescribeTasks answered %d tasks, want one", len(out.Tasks))
	}
	got := map[string]string{}
	for _, tag := range out.Tasks[0].Tags {
		got[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	t.Equal("tags", got, map[string]string{"team": "request", "from": "definition", "aws:ecs:clusterName": cluster})
	in.PropagateTags = types.PropagateTagsService
	_, err = t.ECS.RunTask(t.ctx, in)
	t.Error(err, "RunTask with tags of a service", "InvalidParameterException", anyText)
}

// network is that of awsvpc calls. The subnet's name is of the right form; AWS
// needs a real one.
func network() *types.NetworkConfiguration {
	return &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{Subnets: []string{"subnet-0123456789abcdef0"}}}
}

func (t *T) registerFargate(family string) {
	c := t.container("web")
	c.Memory = nil
	c.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080)}}
	t.register(&ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), NetworkMode: types.NetworkModeAwsvpc, Cpu: aws.String("256"), Memory: aws.String("512"),
		RequiresCompatibilities: []types.Compatibility{types.CompatibilityFargate}, ContainerDefinitions: []types.ContainerDefinition{c},
	})
}

func taskFargate(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.registerFargate(family)
	task := t.RunTasks(&ecs.RunTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(family), LaunchType: types.LaunchTypeFargate, NetworkConfiguration: network(),
	})[0]
	t.Equal("launchType", task.LaunchType, "FARGATE")
	t.Equal("platformVersion", task.PlatformVersion, "1.4.0")
	t.Equal("platformFamily", task.PlatformFamily, "Linux")
	t.Equal("cpu", task.Cpu, "256")
	t.Equal("memory", task.Memory, "512")
	t.Equal("lastStatus", task.LastStatus, "PROVISIONING")
	t.True(task.EphemeralStorage != nil && task.EphemeralStorage.SizeInGiB == 20, "ephemeralStorage %s, which is of 20 GiB", show(task.EphemeralStorage))
	t.True(task.FargateEphemeralStorage != nil && task.FargateEphemeralStorage.SizeInGiB == 20, "fargateEphemeralStorage %s, which is of 20 GiB", show(task.FargateEphemeralStorage))
	t.Equal("cpu of the container", task.Containers[0].Cpu, "0")
	if len(task.Attachments) != 1 {
		t.Fatal("attachments are %s, want one", show(task.Attachments))
	}
	t.Equal("attachment's type", task.Attachments[0].Type, "ElasticNetworkInterface")
	t.Equal("attachment's status", task.Attachments[0].Status, "PRECREATED")

	arn := aws.ToString(task.TaskArn)
	t.tasksRunning(cluster, []string{arn})
	task = t.describeTask(cluster, arn)
	t.Equal("attachment's status when running", task.Attachments[0].Status, "ATTACHED")
	i := slices.IndexFunc(task.Attachments[0].Details, func(d types.KeyValuePair) bool { return aws.ToString(d.Name) == "privateIPv4Address" })
	if interfaces := task.Containers[0].NetworkInterfaces; i < 0 || len(interfaces) != 1 {
		t.fail("the address is in the attachment %s and in one interface %s", show(task.Attachments[0].Details), show(interfaces))
	} else {
		t.Equal("privateIpv4Address", interfaces[0].PrivateIpv4Address, task.Attachments[0].Details[i].Value)
		t.Equal("attachmentId", interfaces[0].AttachmentId, task.Attachments[0].Id)
	}
	t.Equal("connectivity", task.Connectivity, "CONNECTED")
}

func taskCapacityProviders(t *T) {
	cluster, family := t.Cluster("c"), t.Name("f")
	t.registerFargate(family)
	in := &ecs.RunTaskInput{
		Cluster: aws.String(cluster), TaskDefinition: aws.String(family), Count: aws.Int32(6), NetworkConfiguration: network(),
		CapacityProviderStrategy: []types.CapacityProviderStrategyItem{providerItem("FARGATE", 1, 1), providerItem("FARGATE_SPOT", 0, 4)},
	}
	_, err := t.ECS.RunTask(t.ctx, in)
	t.Error(err, "RunTask with providers that the cluster has not", "InvalidParameterException", "The specified capacity provider strategy cannot contain "+
		"a capacity provider that is not associated with the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and try again.")
	t.fargateProviders(cluster)
	tasks := t.RunTasks(in)
	counts := map[string]int{}
	for _, task := range tasks {
		counts[aws.ToString(task.CapacityProviderName)]++
		t.Equal("launchType", task.LaunchType, "FARGATE")
	}
	t.Equal("tasks by provider", counts, map[string]int{"FARGATE": 2, "FARGATE_SPOT": 4})
}

func taskBridgePorts(t *T) {
	c := t.container("web")
	c.PortMappings = []types.PortMapping{{ContainerPort: aws.Int32(8080)}}
	cluster, arn := t.run(c)
	t.tasksRunning(cluster, []string{arn})
	bindings := t.describeTask(cluster, arn).Containers[0].NetworkBindings
	if len(bindings) != 1 {
		t.Fatal("networkBindings are %s, want one", show(bindings))
	}
	b := bindings[0]
	t.Equal("containerPort", b.ContainerPort, 8080)
	t.Equal("protocol", b.Protocol, "tcp")
	t.True(b.HostPort != nil && *b.HostPort > 0, "hostPort is there")
	t.True(strings.Count(aws.ToString(b.BindIP), ".") == 3, "bindIP %q is an address", aws.ToString(b.BindIP))
}
