package localcluster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/gantry-ecs/gantry/localcluster"
)

// The simulated node must end a pod as a kubelet does: by its deadline the pod
// stays as Failed, by deletion it goes once no finalizer holds it.
func TestSimulatedNodeRunsAndEndsPods(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cluster, err := localcluster.Start(ctx, localcluster.Options{StateDir: shortDir(t), ControlPlaneOnly: true, Simulated: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	config, err := clientcmd.BuildConfigFromFlags("", cluster.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	pods := kubernetes.NewForConfigOrDie(config).CoreV1().Pods(metav1.NamespaceDefault)
	phase := func(name string, want corev1.PodPhase) {
		t.Helper()
		var last corev1.PodStatus
		err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
			pod, err := pods.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			last = pod.Status
			return pod.Status.Phase == want, nil
		})
		if err != nil {
			t.Fatalf("pod %s is not %s: %v: %+v", name, want, err, last)
		}
	}
	for _, name := range []string{"stopped", "deleted"} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Finalizers: []string{"example.com/held"}},
			Spec: corev1.PodSpec{
				RestartPolicy:  corev1.RestartPolicyNever,
				InitContainers: []corev1.Container{{Name: "first", Image: "example.com/first:1"}},
				Containers:     []corev1.Container{{Name: "main", Image: "example.com/main:1"}},
			},
		}
		if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	phase("stopped", corev1.PodRunning)
	phase("deleted", corev1.PodRunning)

	if _, err := pods.Patch(ctx, "stopped", types.MergePatchType, []byte(`{"spec":{"activeDeadlineSeconds":1}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	phase("stopped", corev1.PodFailed)

	if err := pods.Delete(ctx, "deleted", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	phase("deleted", corev1.PodFailed)
	pod, err := pods.Get(ctx, "deleted", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if state := pod.Status.ContainerStatuses[0].State.Terminated; state == nil || state.ExitCode != 143 {
		t.Errorf("the container of a deleted pod is not terminated by 143: %+v", pod.Status.ContainerStatuses)
	}
	if _, err := pods.Patch(ctx, "deleted", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 20*time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := pods.Get(ctx, "deleted", metav1.GetOptions{})
		if err == nil {
			return false, nil
		}
		if apierrors.IsNotFound(err) {
			return true, nil
		}
		return false, fmt.Errorf("get the deleted pod: %w", err)
	})
	if err != nil {
		t.Errorf("a deleted pod without finalizers stays: %v", err)
	}
}
