package service

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// world is all that one reconciliation decides on, read once.
type world struct {
	kube.Recheck
	now         time.Time
	service     *v1alpha1.ECSService
	settings    types.Service // the members of ECS's Service that the service keeps
	deployments []*deployment // oldest first
	pods        []*corev1.Pod
	// healthyAfter is how long a task without a health check runs before it counts.
	healthyAfter time.Duration
	// zones is how the newest deployment's tasks are spread over zones; nil where
	// they are not balanced.
	zones *zones
}

// deployment is one entry of the service and what was made of it.
type deployment struct {
	entry   v1alpha1.DeploymentEntry
	id      string
	taskSet types.TaskSet               // the members that a task set keeps
	rollout *v1alpha1.ServiceDeployment // nil before it is made
	object  *appsv1.Deployment          // nil before it is made
	// templateHash is that of the object's template as the API server last had it
	// from Gantry; empty before that is known.
	templateHash string
	tasks        []*task // oldest first
	side         Side
	// closest is the instance that comes closest to take those of its tasks that wait,
	// which are alike; empty where none does, nil where none waits.
	closest *string
	// routes lead to the tasks; traffic says what comes to them.
	routes  []translator.Route
	traffic Traffic
}

// has notes the deployment's Deployment as it is now.
func (d *deployment) has(object *appsv1.Deployment) {
	d.object, d.side.Replicas, d.side.Shrinking = object, *object.Spec.Replicas, translator.Shrinking(object)
}

type task struct {
	pod     *corev1.Pod
	state   *translator.PodState
	healthy bool
	// protected tasks are not chosen in a scale-in.
	protected bool
	// leaving tasks are on an instance that is DRAINING.
	leaving bool
	// zone is that of its node; empty without one.
	zone string
}

func (t *task) id() string { return kube.TaskID(string(t.pod.UID)) }

// marked is true for a pod that was chosen to go in a scale-in.
func (t *task) marked() bool { return t.pod.Annotations[corev1.PodDeletionCost] != "" }

// newest is the deployment that ECS rolls out; nil where the service has none.
func (w *world) newest() *deployment {
	if len(w.deployments) == 0 {
		return nil
	}
	return w.deployments[len(w.deployments)-1]
}

// desired is zero for a service that was deleted.
func (w *world) desired() int32 {
	if w.service.Spec.DeletedAt != nil {
		return 0
	}
	return w.service.Spec.DesiredCount
}

func (w *world) sides() []Side {
	sides := make([]Side, len(w.deployments))
	for i, d := range w.deployments {
		sides[i] = d.side
	}
	return sides
}

func (c *Controller) gather(svc *v1alpha1.ECSService) (*world, error) {
	settings, err := translator.ServiceSettings(svc)
	if err != nil {
		return nil, err
	}
	w := &world{now: c.Now(), service: svc, settings: settings, healthyAfter: c.HealthyAfter, pods: c.Store.PodsOf(svc)}
	// In one order, so that what is decided among equals does not change from look to look.
	slices.SortFunc(w.pods, func(a, b *corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	rollouts := c.Store.RolloutsOf(svc)
	objects := c.Store.DeploymentsOf(svc)
	for _, entry := range svc.Spec.Deployments {
		name := kube.DeploymentName(svc.Name, entry.Number)
		d := &deployment{entry: entry, id: kube.DeploymentID(svc.UID, entry.Number)}
		if d.taskSet, err = translator.TaskSetMembers(entry); err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(rollouts, func(r *v1alpha1.ServiceDeployment) bool { return r.Name == name }); i >= 0 {
			d.rollout, d.templateHash = rollouts[i], rollouts[i].Status.TemplateHash
		}
		if i := slices.IndexFunc(objects, func(o *appsv1.Deployment) bool { return o.Name == name && o.DeletionTimestamp == nil }); i >= 0 {
			d.has(objects[i])
		}
		c.gatherTasks(w, d)
		w.holdFlood(d)
		w.deployments = append(w.deployments, d)
	}
	if err := w.keepStrategy(); err != nil {
		return nil, err
	}
	w.plan()
	w.zones = c.gatherZones(w)
	return w, nil
}

// keepStrategy lets the newest deployment go on as it began: a service whose
// strategy was changed meanwhile has it in its next deployment.
func (w *world) keepStrategy() error {
	if w.external() || w.newest() == nil {
		return nil
	}
	now := w.settings.DeploymentConfiguration
	own, err := translator.ConfigurationOf(w.newest().rollout, now)
	if err != nil || own == now {
		return err
	}
	kept := *now
	kept.Strategy, kept.CanaryConfiguration, kept.LinearConfiguration = own.Strategy, own.CanaryConfiguration, own.LinearConfiguration
	kept.LifecycleHooks, kept.BakeTimeInMinutes, kept.EarlySuccessCriteria = own.LifecycleHooks, own.BakeTimeInMinutes, own.EarlySuccessCriteria
	w.settings.DeploymentConfiguration = &kept
	return nil
}

func (c *Controller) gatherTasks(w *world, d *deployment) {
	for _, pod := range w.pods {
		if number, ok := translator.DeploymentNumber(pod); !ok || number != d.entry.Number {
			continue
		}
		t := &task{pod: pod, state: translator.Observe(pod), leaving: c.leaves(pod), zone: c.zoneOf(pod)}
		d.tasks = append(d.tasks, t)
		if d.closest == nil && unschedulable(t) != "" && !translator.OnFargate(pod) {
			closest := c.closestInstance(pod)
			d.closest = &closest
		}
		if !t.state.Stays() {
			continue
		}
		if until, protected := translator.ProtectedUntil(pod, w.now); protected {
			t.protected = true
			w.LookAgain(until.Sub(w.now))
		}
		running := t.state.Started() && !t.state.EssentialEnded() && !t.state.Unhealthy(w.now)
		var wait time.Duration
		t.healthy, wait = t.state.CountsAsHealthy(w.countsAfter(), w.now)
		d.side.count(t, running)
		w.countLeaving(d, t)
		if wait > 0 {
			w.LookAgain(wait)
		}
	}
}

// count counts a task that is there.
func (s *Side) count(t *task, running bool) {
	add := func(n *int32, is bool) {
		if is {
			*n++
		}
	}
	add(&s.Active, true)
	add(&s.Running, running)
	add(&s.Healthy, t.healthy)
	add(&s.Protected, t.protected)
	add(&s.ProtectedRunning, t.protected && running)
	add(&s.ProtectedHealthy, t.protected && t.healthy)
}
