package task

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"go.uber.org/zap"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// replacementLimit is how long an unhealthy task runs on at the latest while its
// replacement is not healthy.
const replacementLimit = 5 * time.Minute

// nextTurn is after how long an unhealthy task is looked at again that has to wait
// for the replacement of another.
const nextTurn = 2 * time.Second

// How the pause between a service's tries to start a task grows.
const (
	failuresBeforePause = 3
	firstPause          = 20 * time.Second
	longestPause        = 15 * time.Minute
	maxDoublings        = 10
)

// Stopper stops the tasks that a rule says must stop. Only the leader runs it.
type Stopper struct {
	Store *kube.Store
	Now   func() time.Time
	Log   *zap.Logger
	// stopping is held from the look at what a service has until the stop is written:
	// the next unhealthy task has to count its replacement.
	stopping sync.Mutex
}

// Name is the controller's name.
func (s *Stopper) Name() string { return "task-rules" }

// Sources are the pods.
func (s *Stopper) Sources() []source.Source {
	return []source.Source{kube.Source(s.Store.Pods, kube.Itself[*corev1.Pod])}
}

// Reconcile asks the rules about a pod that lives.
func (s *Stopper) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	pod, ok := s.Store.Pods.Get(req.Namespace, req.Name)
	if !ok {
		return reconcile.Result{}, nil
	}
	state := translator.Observe(pod)
	if !state.Stays() {
		return reconcile.Result{}, nil
	}
	now := s.Now()
	stop, ok := translator.StopFor(pod, translator.RuleInput{
		Now: now, HealthGrace: s.healthGrace(pod),
	})
	if !ok {
		return reconcile.Result{RequeueAfter: s.nextLook(pod, state, now)}, nil
	}
	if wait := pod.CreationTimestamp.Add(s.pause(pod, stop)).Sub(now); wait > 0 {
		return reconcile.Result{RequeueAfter: wait}, nil
	}
	if stop.AfterReplacement {
		s.stopping.Lock()
		defer s.stopping.Unlock()
		stop.AfterReplacement = s.room(pod)
		if !stop.AfterReplacement && s.replacing(pod) {
			return reconcile.Result{RequeueAfter: nextTurn}, nil
		}
	}
	s.Log.Info("stop task", zap.String("task", kube.TaskID(string(pod.UID))),
		zap.String("cluster", pod.Annotations[v1alpha1.ClusterAnnotation]),
		zap.String("stopCode", string(stop.Code)), zap.String("reason", stop.Reason))
	patch, subresource := translator.StopPatch(pod, stop, now, now.Add(replacementLimit))
	_, err := s.Store.Pods.PatchPart(ctx, pod, subresource, patch)
	return kube.UnlessMoved(reconcile.Result{}, client.IgnoreNotFound(err))
}

// pause is how old a service's task that cannot start must become before it is
// given up and the next one tried: longer with each that has failed, up to 15
// minutes, and none again after an update (Developer Guide, service throttle
// logic; its numbers are not known). The task is PENDING that long.
func (s *Stopper) pause(pod *corev1.Pod, stop translator.Stop) time.Duration {
	number, ok := translator.DeploymentNumber(pod)
	if !ok || stop.Code != types.TaskStopCodeTaskFailedToStart {
		return 0
	}
	name := kube.DeploymentName(pod.Annotations[v1alpha1.ServiceObjectAnnotation], number)
	rollout, ok := s.Store.Rollouts.Get(pod.Namespace, name)
	if !ok {
		return 0
	}
	return pauseAfter(rollout.Status.FailedTasks)
}

func pauseAfter(failures int32) time.Duration {
	if failures < failuresBeforePause {
		return 0
	}
	doublings := min(failures-failuresBeforePause, maxDoublings)
	return min(firstPause<<doublings, longestPause)
}

// healthGrace is how long the pod's service wants its tasks' health overlooked.
func (s *Stopper) healthGrace(pod *corev1.Pod) time.Duration {
	svc, ok := s.Store.Services.Get(pod.Namespace, pod.Annotations[v1alpha1.ServiceObjectAnnotation])
	if !ok {
		return 0
	}
	return time.Duration(svc.Spec.HealthCheckGracePeriodSeconds) * time.Second
}

// nextLook is when a rule that waits could match without the pod changing.
func (s *Stopper) nextLook(pod *corev1.Pod, state *translator.PodState, now time.Time) time.Duration {
	// A standalone task runs on when it is UNHEALTHY.
	if at := state.HealthDeadline(); !at.IsZero() && (pod.Annotations[v1alpha1.ServiceAnnotation] != "" || pod.Annotations[v1alpha1.DaemonAnnotation] != "") {
		return max(later(at, state.RunningSince().Add(s.healthGrace(pod))).Sub(now), time.Second)
	}
	if state.Started() {
		return 0
	}
	due := pod.CreationTimestamp.Add(translator.DefaultProvisioningLimit)
	if start := pod.Status.StartTime; start != nil {
		due = start.Add(translator.DefaultPullGrace)
	}
	if at := state.GivesUpAt(); !at.IsZero() {
		return max(at.Sub(now), 0) + time.Second
	}
	// Once due, a rule matches when the pod says more, and that is a change.
	return max(due.Sub(now), 0)
}

// room says whether the replacement of an unhealthy task fits under the
// service's upper limit beside it.
func (s *Stopper) room(pod *corev1.Pod) bool {
	svc, ok := s.Store.Services.Get(pod.Namespace, pod.Annotations[v1alpha1.ServiceObjectAnnotation])
	if !ok || len(svc.Spec.Deployments) == 0 {
		return false
	}
	newest := svc.Spec.Deployments[len(svc.Spec.Deployments)-1]
	if newest.TaskSet != nil {
		return true // no limit bounds task sets
	}
	rollout, _ := s.Store.Rollouts.Get(svc.Namespace, kube.DeploymentName(svc.Name, newest.Number))
	rolling, err := translator.ServiceRolls(svc, newest, rollout)
	if err != nil {
		return false
	}
	_, upper := translator.ServiceLimits(svc, svc.Spec.DesiredCount, true)
	if rolling {
		return s.present(svc, "") < upper
	}
	return s.present(svc, pod.Labels[v1alpha1.DeploymentLabel]) < upper // each of two sides has the limit for itself
}

// replacing says whether another task of the pod's deployment is being replaced:
// without room under the upper limit, unhealthy tasks are stopped one by one (API
// reference, DeploymentConfiguration.maximumPercent). Those that run on until
// theirs are healthy hold nobody up. A replacement that does not come up holds the
// others for as long as an unhealthy task may run on.
func (s *Stopper) replacing(pod *corev1.Pod) bool {
	svc, ok := s.Store.Services.Get(pod.Namespace, pod.Annotations[v1alpha1.ServiceObjectAnnotation])
	number, numbered := translator.DeploymentNumber(pod)
	if !ok || !numbered {
		return false
	}
	var own int32
	for _, other := range s.Store.PodsOf(svc) {
		state := translator.Observe(other)
		if of, _ := translator.DeploymentNumber(other); of != number || state.Ended() || recorded(other) {
			continue
		}
		starting := !state.Started() && s.Now().Sub(other.CreationTimestamp.Time) < replacementLimit
		switch {
		case other.DeletionTimestamp != nil || other.Spec.ActiveDeadlineSeconds != nil || starting:
			return true
		case other.Labels[v1alpha1.ServiceLabel] != "":
			own++
		}
	}
	object, found := s.Store.Deployments.Get(svc.Namespace, kube.DeploymentName(svc.Name, number))
	return found && *object.Spec.Replicas > own && !refused(object)
}

// refused says whether the API server takes no more tasks of a Deployment, for a
// quota or a webhook: nothing will come for which others have to wait.
func refused(object *appsv1.Deployment) bool {
	return slices.ContainsFunc(object.Status.Conditions, func(c appsv1.DeploymentCondition) bool {
		return c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue
	})
}

// present is how many tasks of the service, or of one of its deployments where only
// names one, there are or will be. Those that run on until others have taken their
// places are no ReplicaSet's any more, and it may not have made all the others yet.
func (s *Stopper) present(svc *v1alpha1.ECSService, only string) int32 {
	var own, others, wanted int32
	counts := func(obj client.Object) bool { return only == "" || obj.GetLabels()[v1alpha1.DeploymentLabel] == only }
	for _, deployment := range s.Store.DeploymentsOf(svc) {
		if counts(deployment) {
			wanted += *deployment.Spec.Replicas
		}
	}
	for _, pod := range s.Store.PodsOf(svc) {
		switch {
		case !counts(pod):
		case translator.Observe(pod).Ended() || pod.DeletionTimestamp != nil:
		case pod.Labels[v1alpha1.ServiceLabel] == "":
			others++
		default:
			own++
		}
	}
	return max(own, wanted) + others
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
