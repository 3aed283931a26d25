package translator

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	oneGroup   = `[{"name":"tg-a","targetGroup":"arn:a"}]`
	twoGroups  = `[{"name":"tg-a","targetGroup":"arn:a"},{"name":"tg-b","targetGroup":"arn:b"}]`
	testGroup  = `[{"name":"tg-a","targetGroup":"arn:a"},{"name":"tg-b","targetGroup":"arn:b","test":true}]`
	inRegistry = `[{"name":"sd","registry":"arn:sd"}]`
)

func routed(routes string) func(*corev1.Pod) { return annotate(v1alpha1.RoutesAnnotation, routes) }

func addressless(pod *corev1.Pod) { pod.Status.PodIP = "" }

func connected(pod *corev1.Pod) { pod.Annotations[v1alpha1.ConnectNamespaceAnnotation] = "arn:ns" }

// sleepy gives the containers a preStop sleep.
func sleepy(pod *corev1.Pod) {
	for i := range pod.Spec.Containers {
		pod.Spec.Containers[i].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 3}}}
	}
}

// toldAt is a stop with a deadline, so long after the pod was made.
func toldAt(after time.Duration) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Annotations[v1alpha1.StopCodeAnnotation] = "UserInitiated"
		pod.Annotations[v1alpha1.StoppingAtAnnotation] = FormatTime(born.Add(after))
		pod.Spec.ActiveDeadlineSeconds = aws.Int64(1)
	}
}

func TestRegisteredTasks(t *testing.T) {
	chosen := func(pod *corev1.Pod) { // in a scale-in, and not deleted yet
		toldAt(time.Minute)(pod)
		pod.Spec.ActiveDeadlineSeconds = nil
	}
	for name, test := range map[string]struct {
		pod     *corev1.Pod
		after   time.Duration
		last    string
		version int64
	}{
		"one target group, no address":      {taskPod(routed(oneGroup), addressless), time.Minute, "RUNNING", 2},
		"one under test beside it":          {taskPod(routed(testGroup), addressless), time.Minute, "RUNNING", 2},
		"two target groups, no address":     {taskPod(routed(twoGroups), addressless), time.Minute, "ACTIVATING", 2},
		"a registry, no address":            {taskPod(routed(inRegistry), addressless), time.Minute, "ACTIVATING", 2},
		"Service Connect, no address":       {taskPod(connected, addressless), time.Minute, "ACTIVATING", 2},
		"with an address":                   {taskPod(routed(twoGroups)), time.Minute, "RUNNING", 3},
		"starting":                          {taskPod(routed(twoGroups), waiting("ContainerCreating", "")), time.Minute, "PENDING", 1},
		"told to stop a moment ago":         {taskPod(routed(oneGroup), sleepy, toldAt(time.Minute)), time.Minute + 2*time.Second, "DEACTIVATING", 4},
		"told to stop, the sleep over":      {taskPod(routed(oneGroup), sleepy, toldAt(time.Minute)), time.Minute + 4*time.Second, "STOPPING", 5},
		"told to stop, of two groups":       {taskPod(routed(twoGroups), sleepy, toldAt(time.Minute)), time.Minute + 4*time.Second, "STOPPING", 6},
		"in no target group":                {taskPod(sleepy, toldAt(time.Minute)), time.Minute + 2*time.Second, "STOPPING", 4},
		"chosen to go":                      {taskPod(routed(oneGroup), sleepy, chosen), 2 * time.Minute, "DEACTIVATING", 4},
		"chosen, deleted long after":        {taskPod(routed(oneGroup), sleepy, chosen, deletedAfter(2*time.Minute)), 2*time.Minute + time.Second, "DEACTIVATING", 4},
		"deleted, the sleep over":           {taskPod(routed(oneGroup), sleepy, chosen, deletedAfter(2*time.Minute)), 2*time.Minute + 5*time.Second, "STOPPING", 5},
		"told to stop, then deleted":        {taskPod(routed(oneGroup), sleepy, toldAt(time.Minute), deletedAfter(2*time.Minute)), 2*time.Minute + time.Second, "STOPPING", 5},
		"ended after all of it":             {taskPod(routed(twoGroups), sleepy, toldAt(time.Minute), phase(corev1.PodFailed, "", ""), terminated(0, "Error", 143, ""), terminated(1, "Error", 143, "")), time.Hour, "STOPPED", 7},
		"never started, and is in no group": {taskPod(routed(twoGroups), toldAt(time.Minute), waiting("ErrImagePull", ""), phase(corev1.PodFailed, "", ""), terminated(1, "ContainerStatusUnknown", 137, "")), time.Hour, "STOPPED", 4},
	} {
		t.Run(name, func(t *testing.T) {
			task := taskOf(t, test.pod, test.after)
			if got := aws.ToString(task.LastStatus); got != test.last || task.Version != test.version {
				t.Errorf("lastStatus %s, version %d; want %s, %d", got, task.Version, test.last, test.version)
			}
			if test.last == "ACTIVATING" && task.StartedAt != nil {
				t.Errorf("it is ACTIVATING and has started at %s", task.StartedAt)
			}
		})
	}
}
