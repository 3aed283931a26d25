package service_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/kube/kubetest"
)

// What the images of the tasks do.
const (
	imageServes   = "serves"  // it runs
	imageNoPull   = "no-pull" // it cannot be pulled
	imageCrashes  = "crashes" // its process ends at once
	imageSickens  = "sickens" // its health check never succeeds
	lifeNode      = "node"    // where all pods go
	lifeDeadline  = "DeadlineExceeded"
	terminatedBy  = 143
	exitedByFault = 1
)

// life is what else there is in a cluster: ReplicaSets' controller and a kubelet,
// which do one thing at a time.
type life struct {
	server *kubetest.Server
	client *kubetest.Client
	r      *rand.Rand
	now    func() time.Time
	made   int
}

// deeds are what could happen now.
func (l *life) deeds() []func(context.Context) error {
	var deeds []func(context.Context) error
	pods := kubetest.All[*corev1.Pod](l.server)
	deployments := kubetest.All[*appsv1.Deployment](l.server)
	for _, d := range deployments {
		if deed := l.replicate(d, pods); deed != nil {
			deeds = append(deeds, deed)
		}
	}
	for _, pod := range pods {
		if deed := l.orphaned(pod, deployments); deed != nil {
			deeds = append(deeds, deed)
		} else if deed := l.kubelet(pod); deed != nil {
			deeds = append(deeds, deed)
		}
	}
	return deeds
}

// replicate is the next deed of a ReplicaSet, which stands for its Deployment here.
func (l *life) replicate(d *appsv1.Deployment, pods []*corev1.Pod) func(context.Context) error {
	var own []*corev1.Pod
	for _, pod := range pods {
		if metav1.GetControllerOf(pod) == nil && alive(pod) && selects(d, pod) {
			return l.change(pod, func(pod *corev1.Pod) { pod.OwnerReferences = ownedAs(d) }) // it adopts it
		}
		if !ownedBy(pod, d) {
			continue
		}
		if !selects(d, pod) {
			return func(ctx context.Context) error { // it lets go of it
				released := pod.DeepCopy()
				released.OwnerReferences = nil
				return l.client.Update(ctx, released)
			}
		}
		if alive(pod) {
			own = append(own, pod)
		}
	}
	want := int(*d.Spec.Replicas)
	switch {
	case len(own) < want:
		return func(ctx context.Context) error { return l.create(ctx, d, 1+l.r.IntN(want-len(own))) }
	case len(own) > want:
		return func(ctx context.Context) error {
			for _, pod := range deletionOrder(l.r, own)[:len(own)-want] {
				if err := l.client.Delete(ctx, pod); err != nil {
					return err
				}
			}
			return nil
		}
	case d.Status.ObservedGeneration != d.Generation || int(d.Status.Replicas) != len(own):
		return func(ctx context.Context) error {
			seen := d.DeepCopy()
			seen.Status.ObservedGeneration, seen.Status.Replicas = d.Generation, int32(len(own))
			return l.client.Update(ctx, seen)
		}
	}
	return nil
}

func ownedAs(d *appsv1.Deployment) []metav1.OwnerReference {
	yes := true
	return []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: d.Name, UID: d.UID, Controller: &yes}}
}

func ownedBy(pod *corev1.Pod, d *appsv1.Deployment) bool {
	owner := metav1.GetControllerOf(pod)
	return owner != nil && owner.UID == d.UID
}

// setHash is the hash of each Deployment's template, which is always the same.
const setHash = "7c5ddbdf54"

func selects(d *appsv1.Deployment, pod *corev1.Pod) bool {
	if pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey] != setHash {
		return false
	}
	for key, value := range d.Spec.Selector.MatchLabels {
		if pod.Labels[key] != value {
			return false
		}
	}
	return true
}

// alive is what a ReplicaSet counts.
func alive(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp == nil && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed
}

// deletionOrder is the order in which a ReplicaSet deletes (Kubernetes,
// ActivePodsWithRanks): those without a node first, then those that do not run,
// that are not ready, that cost less, that are younger. Among equals it is chance.
func deletionOrder(r *rand.Rand, pods []*corev1.Pod) []*corev1.Pod {
	ordered := slices.Clone(pods)
	r.Shuffle(len(ordered), func(i, j int) { ordered[i], ordered[j] = ordered[j], ordered[i] })
	number := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	cost := func(pod *corev1.Pod) int {
		n := 0
		_, _ = fmt.Sscan(pod.Annotations[corev1.PodDeletionCost], &n)
		return n
	}
	slices.SortStableFunc(ordered, func(a, b *corev1.Pod) int {
		return cmp.Or(
			cmp.Compare(number(a.Spec.NodeName != ""), number(b.Spec.NodeName != "")),
			cmp.Compare(number(a.Status.Phase == corev1.PodRunning), number(b.Status.Phase == corev1.PodRunning)),
			cmp.Compare(number(ready(a)), number(ready(b))),
			cmp.Compare(cost(a), cost(b)),
			b.CreationTimestamp.Compare(a.CreationTimestamp.Time),
		)
	})
	return ordered
}

func ready(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func (l *life) create(ctx context.Context, d *appsv1.Deployment, count int) error {
	for range count {
		l.made++
		pod := &corev1.Pod{ObjectMeta: *d.Spec.Template.ObjectMeta.DeepCopy(), Spec: *d.Spec.Template.Spec.DeepCopy()}
		pod.Namespace, pod.GenerateName = d.Namespace, d.Name+"-"+setHash+"-"
		pod.Name = fmt.Sprintf("%s-%05d", d.Name, l.made)
		pod.Labels, pod.Annotations = maps.Clone(pod.Labels), maps.Clone(pod.Annotations)
		pod.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = setHash
		pod.OwnerReferences = ownedAs(d)
		pod.Status.Phase = corev1.PodPending
		if err := l.client.Create(ctx, pod); err != nil {
			return err
		}
	}
	return nil
}

// orphaned is the garbage collector's deed: what the owner left is deleted.
func (l *life) orphaned(pod *corev1.Pod, deployments []*appsv1.Deployment) func(context.Context) error {
	if pod.DeletionTimestamp != nil || metav1.GetControllerOf(pod) == nil ||
		slices.ContainsFunc(deployments, func(d *appsv1.Deployment) bool { return ownedBy(pod, d) }) {
		return nil
	}
	return func(ctx context.Context) error { return l.client.Delete(ctx, pod) }
}

// kubelet is the next deed of the scheduler and the kubelet for a pod.
func (l *life) kubelet(pod *corev1.Pod) func(context.Context) error {
	terminal := pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
	switch {
	case terminal && pod.DeletionTimestamp != nil && pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds > 0:
		return func(ctx context.Context) error { return l.client.Delete(ctx, pod, client.GracePeriodSeconds(0)) }
	case terminal:
		return nil
	case pod.DeletionTimestamp != nil && pod.Spec.NodeName != "":
		return l.change(pod, func(pod *corev1.Pod) { l.end(pod, terminatedBy) })
	case pod.DeletionTimestamp != nil:
		return nil
	case pod.Spec.ActiveDeadlineSeconds != nil:
		return l.change(pod, func(pod *corev1.Pod) {
			l.end(pod, terminatedBy)
			pod.Status.Reason = lifeDeadline
		})
	case pod.Spec.NodeName == "":
		return l.change(pod, l.place)
	}
	switch state := pod.Status.ContainerStatuses[0].State; {
	case state.Running == nil && image(pod) == imageNoPull:
		if state.Waiting.Reason == "ImagePullBackOff" {
			return nil
		}
		return l.change(pod, func(pod *corev1.Pod) { l.wait(pod, "ImagePullBackOff") })
	case state.Running == nil:
		return l.change(pod, l.start)
	case image(pod) == imageCrashes:
		return l.change(pod, func(pod *corev1.Pod) { l.end(pod, exitedByFault) })
	case checked(pod) && !ready(pod) && image(pod) != imageSickens && pod.Annotations[sick] == "":
		return l.change(pod, func(pod *corev1.Pod) { l.setReady(pod, true) })
	}
	return nil
}

// sick is the annotation of a pod that a test has made UNHEALTHY.
const sick = "test/sick"

func image(pod *corev1.Pod) string {
	_, name, _ := strings.Cut(pod.Spec.Containers[0].Image, "/")
	return name
}

func checked(pod *corev1.Pod) bool { return pod.Spec.Containers[0].ReadinessProbe != nil }

func (l *life) change(pod *corev1.Pod, how func(*corev1.Pod)) func(context.Context) error {
	return func(ctx context.Context) error {
		changed := pod.DeepCopy()
		how(changed)
		return l.client.Update(ctx, changed)
	}
}

func (l *life) place(pod *corev1.Pod) {
	pod.Spec.NodeName = lifeNode
	now := metav1.NewTime(l.now())
	pod.Status.StartTime = &now
	l.wait(pod, "ContainerCreating")
}

func (l *life) eachContainer(pod *corev1.Pod, state corev1.ContainerState, ready bool) {
	old := pod.Status.ContainerStatuses
	pod.Status.ContainerStatuses = nil
	for i, c := range pod.Spec.Containers {
		status := corev1.ContainerStatus{Name: c.Name, Image: c.Image, State: state, Ready: ready}
		if i < len(old) {
			status.ContainerID = old[i].ContainerID
		}
		if state.Running != nil {
			status.ContainerID = "test://" + string(pod.UID)
		}
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, status)
	}
}

func (l *life) wait(pod *corev1.Pod, reason string) {
	l.eachContainer(pod, corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}}, false)
}

func (l *life) start(pod *corev1.Pod) {
	pod.Status.Phase = corev1.PodRunning
	l.eachContainer(pod, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(l.now())}}, false)
	l.setReady(pod, !checked(pod))
}

func (l *life) setReady(pod *corev1.Pod, is bool) {
	for i := range pod.Status.ContainerStatuses {
		pod.Status.ContainerStatuses[i].Ready = is
	}
	status := corev1.ConditionFalse
	if is {
		status = corev1.ConditionTrue
	}
	pod.Status.Conditions = nil
	for _, kind := range []corev1.PodConditionType{corev1.ContainersReady, corev1.PodReady} {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: kind, Status: status, LastTransitionTime: metav1.NewTime(l.now())})
	}
}

// end ends all containers of a pod; those that never ran end as a kubelet says it.
func (l *life) end(pod *corev1.Pod, code int32) {
	terminated := &corev1.ContainerStateTerminated{ExitCode: code, Reason: "Error", FinishedAt: metav1.NewTime(l.now())}
	if running := pod.Status.ContainerStatuses[0].State.Running; running != nil {
		terminated.StartedAt = running.StartedAt
	} else {
		terminated = &corev1.ContainerStateTerminated{ExitCode: 137, Reason: "ContainerStatusUnknown"}
	}
	l.eachContainer(pod, corev1.ContainerState{Terminated: terminated}, false)
	ids := ""
	if terminated.Reason == "Error" {
		ids = "test://" + string(pod.UID)
	}
	for i := range pod.Status.ContainerStatuses {
		pod.Status.ContainerStatuses[i].State.Terminated.ContainerID = ids
	}
	l.setReady(pod, false)
	pod.Status.Phase = corev1.PodFailed
}
