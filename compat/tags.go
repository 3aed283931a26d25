package compat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

var tagOperations = []string{"TagResource", "UntagResource", "ListTagsForResource"}

func tagCases() []Case {
	return []Case{
		{
			Name: "tags/cluster", Operations: slices.Concat(tagOperations, []string{"DescribeClusters"}),
			Description: "a cluster's tags are added, replaced, taken off and listed",
			Source:      "API reference, TagResource, UntagResource, ListTagsForResource",
			Run: func(t *T) {
				name := t.Cluster("c")
				t.tagging(aws.ToString(t.describeCluster(name).ClusterArn), func() []types.Tag {
					return t.describeCluster(name, types.ClusterFieldTags).Tags
				})
			},
		},
		{
			Name: "tags/task-definition", Operations: slices.Concat(tagOperations, []string{"DescribeTaskDefinition"}),
			Description: "a revision's tags are added, replaced, taken off and listed; it is the same revision",
			Source:      "API reference, TagResource, DescribeTaskDefinition",
			Run: func(t *T) {
				def := t.Register(t.Name("f"), t.container("sleeps"))
				t.tagging(aws.ToString(def.TaskDefinitionArn), func() []types.Tag {
					out, err := t.ECS.DescribeTaskDefinition(t.ctx, &ecs.DescribeTaskDefinitionInput{
						TaskDefinition: def.Family, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
					})
					t.OK(err, "DescribeTaskDefinition")
					t.Equal("revision", out.TaskDefinition.Revision, def.Revision)
					return out.Tags
				})
			},
		},
		{
			Name: "tags/service", Operations: slices.Concat(tagOperations, []string{"DescribeServices"}),
			Description: "a service's tags are added, replaced, taken off and listed, and start no deployment",
			Source:      "API reference, TagResource, DescribeServices",
			Run:         tagService,
		},
		{
			Name: "tags/task", Operations: slices.Concat(tagOperations, []string{"DescribeTasks", "StopTask"}), Needs: []Feature{Tasks},
			Description: "a task's tags are added, replaced, taken off and listed; a stopped task has none",
			Source:      "API reference, TagResource, StopTask",
			Timeout:     2 * time.Minute, Run: tagTask,
		},
		{
			Name: "tags/container-instance", Operations: tagOperations, Needs: []Feature{Tasks, Instances},
			Description: "a container instance's tags are added, replaced, taken off and listed",
			Source:      "Developer Guide, tagging resources",
			Timeout:     2 * time.Minute, Run: func(t *T) {
				cluster := t.Cluster("c")
				instance := t.instance(cluster, t.sleeping())
				t.tagging(instance, func() []types.Tag { return t.listTags(instance) })
			},
		},
		{
			Name: "tags/propagated", Operations: []string{"TagResource", "RunTask"},
			Description: "tags that a definition got later are propagated to its tasks",
			Source:      "API reference, RunTask.propagateTags",
			Run: func(t *T) {
				def := t.Register(t.Name("f"), t.container("sleeps"))
				t.tag(aws.ToString(def.TaskDefinitionArn), "late", "yes")
				task := t.RunTasks(&ecs.RunTaskInput{
					Cluster: aws.String(t.Cluster("c")), TaskDefinition: def.TaskDefinitionArn, PropagateTags: types.PropagateTagsTaskDefinition,
				})[0]
				t.Equal("tags", tagMap(task.Tags), map[string]string{"late": "yes"})
			},
		},
		{
			Name: "tags/errors", Operations: tagOperations,
			Description: "what the calls refuse",
			Source:      "API reference, Tag; Developer Guide, account settings; texts noted from AWS",
			Run:         tagErrors,
		},
	}
}

func tagMap(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, tag := range tags {
		m[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return m
}

func (t *T) tag(resource string, pairs ...string) {
	in := &ecs.TagResourceInput{ResourceArn: aws.String(resource), Tags: []types.Tag{}}
	for i := 0; i < len(pairs); i += 2 {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
	}
	_, err := t.ECS.TagResource(t.ctx, in)
	t.OK(err, "TagResource of "+resource)
}

func (t *T) untag(resource string, keys ...string) {
	_, err := t.ECS.UntagResource(t.ctx, &ecs.UntagResourceInput{ResourceArn: aws.String(resource), TagKeys: keys})
	t.OK(err, "UntagResource of "+resource)
}

func (t *T) listTags(resource string) []types.Tag {
	out, err := t.ECS.ListTagsForResource(t.ctx, &ecs.ListTagsForResourceInput{ResourceArn: aws.String(resource)})
	t.OK(err, "ListTagsForResource of "+resource)
	return out.Tags
}

// tagging tags a resource that has no tags yet, and untags it; described are the
// tags that the resource's own describe call answers.
func (t *T) tagging(resource string, described func() []types.Tag) {
	same := func(what string, want map[string]string) {
		t.Equal("tags "+what, tagMap(t.listTags(resource)), want)
		t.Equal("described tags "+what, tagMap(described()), want)
	}
	t.EmptyList("tags of a new resource", t.listTags(resource))
	t.tag(resource, "team", "web", "empty", "")
	same("after tagging", map[string]string{"team": "web", "empty": ""})
	t.tag(resource, "team", "db", "Team", "other")
	same("after tagging again", map[string]string{"team": "db", "empty": "", "Team": "other"})
	t.untag(resource, "empty", "unknown")
	same("after untagging", map[string]string{"team": "db", "Team": "other"})
	t.untag(resource, "team", "Team")
	same("after untagging all", map[string]string{})
	t.EmptyList("tags after untagging all", t.listTags(resource))
}

func tagService(t *T) {
	cluster, name := t.Cluster("c"), t.Name("s")
	made := t.Service(cluster, name, t.sleeping(), 0)
	t.tagging(aws.ToString(made.ServiceArn), func() []types.Tag {
		out, err := t.ECS.DescribeServices(t.ctx, &ecs.DescribeServicesInput{
			Cluster: aws.String(cluster), Services: []string{name}, Include: []types.ServiceField{types.ServiceFieldTags},
		})
		t.OK(err, "DescribeServices")
		if len(out.Services) != 1 {
			t.Fatal("DescribeServices answered %d services, want 1", len(out.Services))
		}
		return out.Services[0].Tags
	})
	now := t.describeService(cluster, name)
	t.Equal("number of deployments", len(now.Deployments), 1)
	t.Equal("deployment", primary(&now).Id, primary(made).Id)
}

func tagTask(t *T) {
	cluster := t.Cluster("c")
	task := aws.ToString(t.RunTasks(&ecs.RunTaskInput{Cluster: aws.String(cluster), TaskDefinition: aws.String(t.sleeping())})[0].TaskArn)
	described := func() []types.Tag {
		out, err := t.ECS.DescribeTasks(t.ctx, &ecs.DescribeTasksInput{
			Cluster: aws.String(cluster), Tasks: []string{task}, Include: []types.TaskField{types.TaskFieldTags},
		})
		t.OK(err, "DescribeTasks")
		if len(out.Tasks) != 1 {
			t.Fatal("DescribeTasks answered %d tasks, want 1", len(out.Tasks))
		}
		return out.Tasks[0].Tags
	}
	t.tagging(task, described)
	t.tag(task, "last", "one")
	stopped, err := t.ECS.StopTask(t.ctx, &ecs.StopTaskInput{Cluster: aws.String(cluster), Task: aws.String(task)})
	t.OK(err, "StopTask")
	t.EmptyList("tags in StopTask's answer", stopped.Task.Tags)
	t.EmptyList("tags of the stopping task", described())
	t.tasksStopped(cluster, []string{task})
	t.EmptyList("tags of the stopped task", described())
	_, err = t.ECS.TagResource(t.ctx, &ecs.TagResourceInput{ResourceArn: aws.String(task), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}})
	t.Error(err, "TagResource of a stopped task", "InvalidParameterException", anyText)
}

func tagErrors(t *T) {
	cluster := t.Cluster("c")
	c := aws.ToString(t.describeCluster(cluster).ClusterArn)
	prefix := strings.TrimSuffix(c, "cluster/"+cluster)
	list := func(resource string) error {
		_, err := t.ECS.ListTagsForResource(t.ctx, &ecs.ListTagsForResourceInput{ResourceArn: aws.String(resource)})
		return err
	}
	t.Error(list("no-arn"), "ListTagsForResource of no ARN", "InvalidParameterException", "Invalid arn syntax.")
	t.Error(list("arn:aws:s3:::bucket"), "ListTagsForResource of another service's ARN", "InvalidParameterException", "Invalid arn syntax.")
	t.Error(list(prefix+"service/short"), "ListTagsForResource of a short service ARN", "InvalidParameterException",
		"Long arn format must be used for tagging operations")
	t.Error(list(prefix+"cluster/"+t.Name("none")), "ListTagsForResource of no cluster", "ClusterNotFoundException", "Cluster not found.")
	t.Error(list(prefix+"service/"+cluster+"/none"), "ListTagsForResource of no service", "ResourceNotFoundException", anyText)
	t.Error(list(prefix+"task/"+cluster+"/"+strings.Repeat("0", 32)), "ListTagsForResource of no task", "ResourceNotFoundException", anyText)
	t.Error(list(prefix+"task-definition/"+t.Name("none")+":1"), "ListTagsForResource of no task definition", "ResourceNotFoundException", anyText)

	tag := func(resource string, tags map[string]string) error {
		in := &ecs.TagResourceInput{ResourceArn: aws.String(resource), Tags: []types.Tag{}}
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
		}
		_, err := t.ECS.TagResource(t.ctx, in)
		return err
	}
	numbered := func(prefix string, n int) map[string]string {
		tags := map[string]string{}
		for i := range n {
			tags[fmt.Sprint(prefix, i)] = ""
		}
		return tags
	}
	t.Error(tag(c, map[string]string{"aws:x": "y"}), "TagResource with a reserved key", "InvalidParameterException", anyText)
	t.Error(tag(c, map[string]string{"": "y"}), "TagResource with a blank key", "InvalidParameterException", anyText)
	t.Error(tag(c, map[string]string{"k": strings.Repeat("v", 257)}), "TagResource with a long value", "InvalidParameterException", anyText)
	t.Error(tag(c, numbered("a", 51)), "TagResource with 51 tags", "InvalidParameterException", anyText)
	t.OK(tag(c, numbered("a", 50)), "TagResource with 50 tags")
	t.Error(tag(c, numbered("b", 1)), "TagResource with the 51st tag", "LimitExceededException", anyText)
	t.OK(tag(c, numbered("a", 1)), "TagResource that replaces one of 50")

	_, err := t.ECS.DeleteCluster(t.ctx, &ecs.DeleteClusterInput{Cluster: aws.String(cluster)})
	t.OK(err, "DeleteCluster")
	const inactive = "The specified cluster is inactive. Specify an active cluster and try again."
	t.Error(list(c), "ListTagsForResource of a deleted cluster", "InvalidParameterException", inactive)
	t.Error(list(prefix+"service/"+cluster+"/none"), "ListTagsForResource in a deleted cluster", "InvalidParameterException", inactive)
}
