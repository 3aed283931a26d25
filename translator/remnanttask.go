package translator

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

// RemnantTask stands in for what StaticTask made where somebody has made the
// annotation unreadable that keeps it: one such pod must not fail the answer of a
// hundred tasks, nor stay for ever for want of a record. The task's definition
// and sizes are kept nowhere else, and are absent.
func RemnantTask(pod *corev1.Pod) types.Task {
	task := types.Task{
		ClusterArn:  aws.String(arn.Cluster(v1alpha1.IdentityIn(pod.Annotations), pod.Annotations[v1alpha1.ClusterAnnotation])),
		Group:       aws.String(remnantGroup(pod)),
		LaunchType:  types.LaunchType(pod.Annotations[v1alpha1.LaunchTypeAnnotation]),
		Overrides:   &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{}, InferenceAcceleratorOverrides: []types.InferenceAcceleratorOverride{}},
		Attributes:  []types.Attribute{},
		Attachments: []types.Attachment{},
		Containers:  []types.Container{},
		Tags:        []types.Tag{},
	}
	for _, name := range splitList(pod.Annotations[v1alpha1.ContainersAnnotation]) {
		c := types.Container{Name: aws.String(name)}
		if state := Observe(pod).container(ContainerName(name)); state != nil {
			c.Image = aws.String(state.spec.Image)
		}
		task.Containers = append(task.Containers, c)
	}
	return task
}

// remnantGroup is the group that a task has if its call named none.
func remnantGroup(pod *corev1.Pod) string {
	switch a := pod.Annotations; {
	case a[v1alpha1.ServiceAnnotation] != "":
		return "service:" + a[v1alpha1.ServiceAnnotation]
	case a[v1alpha1.DaemonAnnotation] != "":
		return "daemon:" + a[v1alpha1.DaemonAnnotation]
	default:
		return "family:" + a[v1alpha1.FamilyAnnotation]
	}
}
