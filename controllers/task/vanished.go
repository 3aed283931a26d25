package task

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// The finalizer keeps a pod until its record is written, unless somebody takes
// it off. From a task that runs it is put back; of a pod that is gone before
// that, the record is made of what the watch has shown last. Nobody knows what
// went while no replica watched. A pod also leaves the watch by losing its label,
// which is put back, and all answers by losing what tells whose task it is.

// podSource are the pods, and notes those that vanish without a record, or without
// having been deleted.
func (r *Recorder) podSource() source.Source {
	return kube.Source(r.Store.Pods, func(pod *corev1.Pod) []reconcile.Request {
		if r.Store.Pods.Gone(pod) {
			r.late.Delete(pod.UID)
			if pod.DeletionTimestamp == nil || r.lacksRecord(pod) {
				r.vanished.Store(types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name}, pod)
			}
		}
		return kube.Itself(pod)
	})
}

// identified is a pod that tells which cluster's task it is, as far as it is known:
// what somebody took off, the Cluster says that the pod's label names.
func (r *Recorder) identified(pod *corev1.Pod) *corev1.Pod {
	if translator.NamesCluster(pod) {
		return pod
	}
	cluster, found := r.Store.Clusters.Get(r.Store.Namespace, pod.Labels[v1alpha1.ClusterLabel])
	if !found || cluster.Spec.Namespace != pod.Namespace {
		return pod // nothing tells: it is in no answer, and has no record
	}
	return translator.InCluster(pod, cluster)
}

// identify puts back on a pod what tells which cluster's task it is. One that is
// being deleted gets it too: its record needs it.
func (r *Recorder) identify(ctx context.Context, pod *corev1.Pod) (*corev1.Pod, error) {
	whole := r.identified(pod)
	if whole == pod {
		return pod, nil
	}
	return r.Store.Pods.PatchTo(ctx, pod, whole, kube.MainPart)
}

// lacksRecord is false where the record has been collected again already.
func (r *Recorder) lacksRecord(pod *corev1.Pod) bool {
	if !translator.NamesCluster(r.identified(pod)) {
		return false
	}
	if _, found := r.Store.StoppedTasks.Get(r.Store.Namespace, kube.TaskID(string(pod.UID))); found {
		return false
	}
	end := translator.Observe(pod).EndedAt()
	return end.IsZero() || r.Now().Before(end.Add(r.keep(pod)))
}

// recordVanished writes the record of a pod that is gone, or finds that it is not.
func (r *Recorder) recordVanished(ctx context.Context, name types.NamespacedName) error {
	noted, ok := r.vanished.LoadAndDelete(name)
	if !ok {
		return nil
	}
	pod := noted.(*corev1.Pod)
	there, err := r.Store.Relabel(ctx, pod)
	if err == nil && !there && r.lacksRecord(pod) {
		err = r.writeVanished(ctx, pod)
	}
	if err != nil {
		r.vanished.Store(name, pod)
	}
	return err
}

func (r *Recorder) writeVanished(ctx context.Context, pod *corev1.Pod) error {
	last := r.identified(pod)
	if pod.DeletionTimestamp == nil && !translator.Observe(pod).Terminal() {
		last = last.DeepCopy()
		now := metav1.NewTime(r.Now())
		last.DeletionTimestamp, last.DeletionGracePeriodSeconds = &now, new(int64)
	}
	task := r.taskOf(ctx, last)
	return r.write(ctx, last, &task)
}

// hold puts the finalizer back on a pod that somebody took it from.
func (r *Recorder) hold(ctx context.Context, pod *corev1.Pod) error {
	if !recorded(pod) || pod.DeletionTimestamp != nil || !translator.NamesCluster(pod) {
		return nil // a finalizer cannot be put on what is being deleted
	}
	_, err := r.Store.Pods.Patch(ctx, pod, kube.Fields{"metadata": kube.Fields{
		"finalizers": append(slices.Clone(pod.Finalizers), v1alpha1.TaskFinalizer),
	}})
	return client.IgnoreNotFound(err)
}
