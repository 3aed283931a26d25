package task

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// Retention says how long stopped tasks are kept.
type Retention struct {
	// Service and Token are for the records of services' tasks and of tasks run
	// with a clientToken: ECS describes stopped tasks for at least an hour and
	// remembers tokens for a day.
	Service, Token time.Duration
	// Pods is how long an ended pod stays for its logs.
	Pods time.Duration
	// PodsPerDeployment and PodsPerCluster bound the ended pods of one deployment,
	// and the standalone ones of a cluster.
	PodsPerDeployment, PodsPerCluster int
}

// DefaultRetention is what ECS documents, and pods for an hour.
func DefaultRetention() Retention {
	return Retention{
		Service: time.Hour, Token: 24 * time.Hour, Pods: time.Hour,
		PodsPerDeployment: 20, PodsPerCluster: 500,
	}
}

// Recorder writes a StoppedTask for each task that stops and takes the finalizer
// off its pod. Every replica runs it: a record written twice exists already.
type Recorder struct {
	Store     *kube.Store
	Now       func() time.Time
	Retention Retention

	// late is since when the last word on a pod's containers is waited for, by
	// the pod's UID. A restart waits anew.
	late sync.Map
	// vanished are pods that are gone without a record, by their name.
	vanished sync.Map
}

// Name is the controller's name.
func (r *Recorder) Name() string { return "task-record" }

// Sources are the pods, and the nodes under them.
func (r *Recorder) Sources() []source.Source {
	return []source.Source{
		r.podSource(),
		kube.Source(r.Store.Nodes, func(node *corev1.Node) []reconcile.Request {
			var requests []reconcile.Request
			for _, pod := range r.Store.Pods.By(kube.ByNode, node.Name) {
				if pod.DeletionTimestamp != nil {
					requests = append(requests, kube.Request(pod.Namespace, pod.Name))
				}
			}
			return requests
		}),
	}
}

// Reconcile records the pod's task if it has stopped.
func (r *Recorder) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	if err := r.recordVanished(ctx, req.NamespacedName); err != nil {
		return reconcile.Result{}, err
	}
	pod, ok := r.Store.Pods.Get(req.Namespace, req.Name)
	if !ok {
		return reconcile.Result{}, nil
	}
	pod, err := r.identify(ctx, pod)
	if err != nil {
		return kube.UnlessMoved(reconcile.Result{}, client.IgnoreNotFound(err))
	}
	if ended, again := r.ended(pod); !ended {
		return kube.UnlessMoved(r.keepUp(ctx, pod, again))
	}
	return kube.UnlessMoved(r.letGo(ctx, pod))
}

// keepUp keeps the pod of a task that runs as it has to be; again is when to look at
// it again.
func (r *Recorder) keepUp(ctx context.Context, pod *corev1.Pod, again time.Duration) (reconcile.Result, error) {
	if err := r.hold(ctx, pod); err != nil {
		return reconcile.Result{}, err
	}
	due, err := r.deadline(ctx, pod)
	if err != nil {
		return reconcile.Result{}, err
	}
	return reconcile.Result{RequeueAfter: soonest(again, due)}, nil
}

// letGo records a task that has stopped, and lets its pod go. Where nothing tells whose
// task it was there is no record that could be valid, and the pod is not held for one.
func (r *Recorder) letGo(ctx context.Context, pod *corev1.Pod) (reconcile.Result, error) {
	if !recorded(pod) && translator.NamesCluster(pod) {
		again, err := r.record(ctx, pod)
		if err != nil {
			return reconcile.Result{}, err
		}
		if again {
			return reconcile.Result{RequeueAfter: kube.WatchDelay}, nil
		}
	}
	return reconcile.Result{}, r.release(ctx, pod)
}

// ended says whether the task has stopped for good, or when to look again.
func (r *Recorder) ended(pod *corev1.Pod) (bool, time.Duration) {
	in := surroundings{now: r.Now(), nodes: r.Store.WatchesNodes()}
	if translator.Observe(pod).Terminal() {
		seen, _ := r.late.LoadOrStore(pod.UID, in.now)
		in.terminalSince = seen.(time.Time)
	}
	in.node, _ = r.Store.Nodes.Get("", pod.Spec.NodeName)
	return ended(pod, in)
}

// recorded is true once this process or another has let the pod go.
func recorded(pod *corev1.Pod) bool { return !slices.Contains(pod.Finalizers, v1alpha1.TaskFinalizer) }

// deadline sets the deadline of a task that was to live until its replacement is
// healthy, when its time is up.
func (r *Recorder) deadline(ctx context.Context, pod *corev1.Pod) (again time.Duration, err error) {
	at, ok := translator.ParseTime(pod.Annotations[v1alpha1.StopAtAnnotation])
	if !ok || !translator.Observe(pod).Yields() {
		return 0, nil
	}
	if wait := at.Sub(r.Now()); wait > 0 {
		return wait, nil
	}
	_, err = r.Store.Pods.Patch(ctx, pod, translator.YieldPatch(pod, r.Now()))
	return 0, client.IgnoreNotFound(err)
}

// record writes the StoppedTask. again is true where the pod has changed meanwhile.
func (r *Recorder) record(ctx context.Context, pod *corev1.Pod) (again bool, err error) {
	task := r.taskOf(ctx, pod)
	if r.outdated(pod) {
		return true, nil
	}
	return false, r.write(ctx, pod, &task)
}

// taskOf is the stopped task that a pod was.
func (r *Recorder) taskOf(ctx context.Context, pod *corev1.Pod) types.Task {
	node, _ := r.Store.Nodes.Get("", translator.NodeName(pod))
	task := translator.TaskFromPod(pod, node, r.Now())
	if task.TaskDefinitionArn == nil {
		log.FromContext(ctx).Info("a task's annotation is not readable: its record has no definition and no sizes", "pod", pod.Name, "namespace", pod.Namespace)
	}
	r.conclude(pod, &task)
	task.Tags = []types.Tag{} // a stopped task loses its tags (API reference, StopTask)
	return task
}

// keep is how long the record of a pod's task stays.
func (r *Recorder) keep(pod *corev1.Pod) time.Duration {
	if pod.Labels[v1alpha1.TokenLabel] != "" {
		return r.Retention.Token
	}
	return r.Retention.Service
}

func (r *Recorder) write(ctx context.Context, pod *corev1.Pod, task *types.Task) error {
	data, err := awsjson.Marshal(task)
	if err != nil {
		return fmt.Errorf("encode stopped task: %w", err)
	}
	annotations := map[string]string{v1alpha1.PodAnnotation: pod.Name, v1alpha1.NodeAnnotation: translator.NodeName(pod)}
	for _, key := range []string{
		v1alpha1.AccountAnnotation, v1alpha1.RegionAnnotation, v1alpha1.ClusterAnnotation, v1alpha1.FamilyAnnotation,
		v1alpha1.ServiceAnnotation, v1alpha1.DaemonAnnotation, v1alpha1.StartedByAnnotation, v1alpha1.LaunchTypeAnnotation,
	} {
		if value := pod.Annotations[key]; value != "" {
			annotations[key] = value
		}
	}
	labels := map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}
	for _, key := range []string{v1alpha1.ClusterLabel, v1alpha1.FamilyLabel, v1alpha1.TokenLabel, v1alpha1.DeploymentLabel} {
		if value := pod.Labels[key]; value != "" {
			labels[key] = value
		}
	}
	err = r.Store.StoppedTasks.Create(ctx, &v1alpha1.StoppedTask{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: r.Store.Namespace, Name: kube.TaskID(string(pod.UID)), Labels: labels, Annotations: annotations,
		},
		Spec: v1alpha1.StoppedTaskSpec{
			Identity: kube.TaskIdentity(pod), Cluster: pod.Annotations[v1alpha1.ClusterAnnotation],
			Service: pod.Annotations[v1alpha1.ServiceAnnotation], Family: pod.Annotations[v1alpha1.FamilyAnnotation],
			Token: pod.Labels[v1alpha1.TokenLabel], RequestHash: pod.Annotations[v1alpha1.RequestHashAnnotation],
			ExpiresAt: metav1.NewMicroTime(r.Now().Add(r.keep(pod))), Task: runtime.RawExtension{Raw: data},
		},
	})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

// conclude completes the record of a task whose pod was deleted. Where its node is
// lost or it was force-deleted, what its containers returned is not known and
// stays absent. It also tells a task that the ReplicaSet chose in a
// scale-in from one that a user deleted.
func (r *Recorder) conclude(pod *corev1.Pod, task *types.Task) {
	if task.StoppedAt == nil {
		end := translator.Observe(pod).EndedAt()
		if end.IsZero() {
			end = r.Now()
		}
		translator.ConcludeTask(task, pod, end)
	}
	if pod.DeletionTimestamp == nil || pod.Annotations[v1alpha1.StopCodeAnnotation] != "" {
		return
	}
	if scaledIn := r.scaledIn(pod); scaledIn != "" {
		if stop, ok := translator.StopFor(pod, translator.RuleInput{Now: r.Now(), ScaledIn: scaledIn}); ok {
			task.StopCode, task.StoppedReason = stop.Code, aws.String(stop.Reason)
		}
	}
}

// outdated says whether the pod has changed since it was looked at. A mark goes
// to the pod that a scale-in took before it is taken off the one that survived:
// who saw no mark on the survivor finds it here.
func (r *Recorder) outdated(pod *corev1.Pod) bool {
	held, ok := r.Store.Pods.Get(pod.Namespace, pod.Name)
	return ok && held.ResourceVersion != pod.ResourceVersion
}

// scaledIn is the id of the pod's deployment if the ReplicaSet took the pod in a
// scale-in: another pod of it was marked to go and is still there, or there were
// as many others as are wanted.
func (r *Recorder) scaledIn(pod *corev1.Pod) string {
	number, ok := translator.DeploymentNumber(pod)
	if !ok {
		return ""
	}
	key := kube.ClusterKey(kube.TaskIdentity(pod), pod.Annotations[v1alpha1.ClusterAnnotation], pod.Annotations[v1alpha1.ServiceAnnotation])
	others := slices.DeleteFunc(r.Store.Pods.By(kube.ByService, key), func(other *corev1.Pod) bool {
		of, _ := translator.DeploymentNumber(other)
		return of != number
	})
	service := pod.Annotations[v1alpha1.ServiceObjectAnnotation]
	object, found := r.Store.Deployments.Get(pod.Namespace, kube.DeploymentName(service, number))
	since := time.Time{}
	if svc, ok := r.Store.Services.Get(pod.Namespace, service); ok {
		since = translator.LessSince(svc, number)
	}
	if slices.ContainsFunc(others, translator.Outlives) || found && translator.TakenInScaleIn(pod, others, *object.Spec.Replicas, since) {
		return pod.Annotations[v1alpha1.StartedByAnnotation]
	}
	return ""
}

// release takes the finalizer off, and off a pod that ended by itself the
// service's label and the owner: it keeps its logs when the service goes.
func (r *Recorder) release(ctx context.Context, pod *corev1.Pod) error {
	_, labelled := pod.Labels[v1alpha1.ServiceLabel]
	kept := metav1.GetControllerOf(pod)
	if recorded(pod) && !labelled && (kept == nil || daemons(kept)) {
		return nil
	}
	metadata := kube.Fields{
		"finalizers": slices.DeleteFunc(slices.Clone(pod.Finalizers), func(f string) bool {
			return f == v1alpha1.TaskFinalizer
		}),
	}
	if pod.DeletionTimestamp == nil && !daemons(kept) {
		metadata["labels"] = kube.Fields{v1alpha1.ServiceLabel: nil}
		metadata["ownerReferences"] = nil
	}
	_, err := r.Store.Pods.Patch(ctx, pod, kube.Fields{"metadata": metadata})
	return client.IgnoreNotFound(err)
}

// daemons says whether the owner is a DaemonSet, which clears its ended pods away
// itself, with growing pauses, before it makes the next.
func daemons(owner *metav1.OwnerReference) bool { return owner != nil && owner.Kind == "DaemonSet" }

// soonest is the smaller of two waits; zero is none.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
