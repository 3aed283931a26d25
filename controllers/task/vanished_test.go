package task

import (
	"maps"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/kube/kubetest"
)

const gantryNamespace, tasksNamespace = "gantry-system", "ecs-shop"

// recording is a recorder over an API server in memory, with the cluster "shop".
type recording struct {
	*testing.T
	server *kubetest.Server
	client *kubetest.Client
	*Recorder
}

func newRecording(t *testing.T) *recording {
	t.Helper()
	now := func() time.Time { return noon }
	server := kubetest.NewServer(kube.Scheme(), now)
	client := server.Client()
	store, err := kube.NewStore(kube.Config{REST: &rest.Config{}, Client: client, Namespace: gantryNamespace, Wide: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &recording{T: t, server: server, client: client, Recorder: &Recorder{Store: store, Now: now, Retention: DefaultRetention()}}
	r.must(store.Clusters.Create(t.Context(), &v1alpha1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Namespace: gantryNamespace, Name: "shop-1"},
		Spec: v1alpha1.ClusterSpec{
			Identity: v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}, Name: "Shop", Namespace: tasksNamespace,
		},
	}))
	return r
}

func (r *recording) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// run makes a task's pod that runs, without what somebody took off it.
func (r *recording) run(namespace string, without ...string) *corev1.Pod {
	r.Helper()
	pod := runningPod()
	pod.Namespace, pod.Name, pod.Finalizers = namespace, "task", []string{v1alpha1.TaskFinalizer}
	maps.Copy(pod.Labels, map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ClusterLabel: "shop-1"})
	maps.Copy(pod.Annotations, map[string]string{
		v1alpha1.AccountAnnotation: "123456789012", v1alpha1.RegionAnnotation: "eu-west-1", v1alpha1.ClusterAnnotation: "Shop",
		v1alpha1.LaunchTypeAnnotation: "",
	})
	for _, key := range without {
		delete(pod.Labels, key)
		delete(pod.Annotations, key)
	}
	r.must(r.Store.Pods.Create(r.Context(), pod))
	return pod
}

// stop deletes the pod, whose container has ended.
func (r *recording) stop(pod *corev1.Pod) {
	r.Helper()
	ended := pod.DeepCopy()
	exitedAt(noon)(ended)
	r.must(r.client.Update(r.Context(), ended))
	r.must(r.client.Delete(r.Context(), ended))
	_, _, err := r.Store.Pods.Live(r.Context(), pod.Namespace, pod.Name)
	r.must(err)
}

func (r *recording) reconcile(pod *corev1.Pod) {
	r.Helper()
	_, err := r.Reconcile(r.Context(), kube.Request(pod.Namespace, pod.Name))
	r.must(err)
}

// pod is the one that is there; nil where there is none.
func (r *recording) pod() *corev1.Pod {
	for _, pod := range kubetest.All[*corev1.Pod](r.server) {
		return pod
	}
	return nil
}

// checkRecord: there is one record, under the cluster's name.
func (r *recording) checkRecord() {
	r.Helper()
	records := kubetest.All[*v1alpha1.StoppedTask](r.server)
	if len(records) != 1 || records[0].Spec.Cluster != "Shop" ||
		records[0].Spec.Identity != (v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}) {
		r.Errorf("records are %v", records)
	}
}

// whose are the losses after which the Cluster object still tells whose a task is.
var whose = [][]string{
	{v1alpha1.AccountAnnotation},
	{v1alpha1.RegionAnnotation},
	{v1alpha1.ClusterAnnotation},
	{v1alpha1.AccountAnnotation, v1alpha1.RegionAnnotation, v1alpha1.ClusterAnnotation, v1alpha1.ContainersAnnotation, v1alpha1.EssentialAnnotation},
}

func TestRunningTaskGetsItsClusterBack(t *testing.T) {
	for _, lost := range whose {
		r := newRecording(t)
		pod := r.run(tasksNamespace, lost...)
		r.reconcile(pod)
		key := kube.ClusterKey(v1alpha1.Identity{Account: "123456789012", Region: "eu-west-1"}, "Shop")
		if found := r.Store.Pods.By(kube.ByCluster, key); len(found) != 1 {
			t.Errorf("without %v: the cluster has %d tasks, its annotations are %v", lost, len(found), r.pod().Annotations)
		}
		if _, kept := r.pod().Annotations[v1alpha1.LaunchTypeAnnotation]; !kept {
			t.Errorf("without %v: an annotation that says nothing is gone", lost)
		}
	}
}

func TestStoppedTaskIsRecordedInItsCluster(t *testing.T) {
	for _, lost := range whose {
		r := newRecording(t)
		pod := r.run(tasksNamespace, lost...)
		r.stop(pod)
		r.reconcile(pod)
		r.checkRecord()
		if left := r.pod(); left != nil && slices.Contains(left.Finalizers, v1alpha1.TaskFinalizer) {
			t.Errorf("without %v: the pod is still held", lost)
		}
	}
}

// A pod that went with its finalizer off is recorded from what was last seen of it.
func TestVanishedTaskIsRecordedInItsCluster(t *testing.T) {
	for _, lost := range whose {
		r := newRecording(t)
		pod := runningPod()
		pod.Namespace, pod.Name, pod.UID = tasksNamespace, "task", "1-2"
		pod.Labels[v1alpha1.ClusterLabel] = "shop-1"
		for _, key := range lost {
			delete(pod.Annotations, key)
		}
		r.vanished.Store(types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}, pod)
		r.reconcile(pod)
		r.checkRecord()
	}
}

// Where nothing tells whose task it was, the pod is not held for a record.
func TestNobodysTaskIsLetGo(t *testing.T) {
	for name, run := range map[string]func(*recording) *corev1.Pod{
		"without the label too": func(r *recording) *corev1.Pod {
			return r.run(tasksNamespace, v1alpha1.AccountAnnotation, v1alpha1.ClusterLabel)
		},
		"under the label of a cluster that is elsewhere": func(r *recording) *corev1.Pod {
			return r.run("ecs-other", v1alpha1.RegionAnnotation)
		},
	} {
		r := newRecording(t)
		pod := run(r)
		r.reconcile(pod)
		if !slices.Contains(r.pod().Finalizers, v1alpha1.TaskFinalizer) {
			t.Errorf("%s: the pod is let go while it runs", name)
		}
		r.stop(pod)
		r.reconcile(pod)
		if left := r.pod(); slices.Contains(left.Finalizers, v1alpha1.TaskFinalizer) {
			t.Errorf("%s: the pod is still held", name)
		}
		if records := kubetest.All[*v1alpha1.StoppedTask](r.server); len(records) > 0 {
			t.Errorf("%s: records are %v", name, records)
		}
	}
}

// An error has a pause of its own.
func TestFailedReconciliationAsksForNoTime(t *testing.T) {
	r := newRecording(t)
	pod := r.run(tasksNamespace)
	r.stop(pod)
	r.client.DieAt(1, false)
	result, err := r.Reconcile(t.Context(), kube.Request(pod.Namespace, pod.Name))
	if err == nil || result.RequeueAfter != 0 {
		t.Errorf("error %v, again after %s", err, result.RequeueAfter)
	}
}
