package service

import (
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
	now         time.Time
	service     *v1alpha1.ECSService
	settings    types.Service // the members of ECS's Service that the service keeps
	deployments []*deployment // oldest first
	pods        []*corev1.Pod
	// healthyAfter is how long a task without a health check runs before it counts.
	healthyAfter time.Duration
	// recheck is when a task's health could change without any object changing.
	recheck time.Duration
}

// deployment is one entry of the service and what was made of it.
type deployment struct {
	entry   v1alpha1.DeploymentEntry
	id      string
	rollout *v1alpha1.ServiceDeployment // nil before it is made
	object  *appsv1.Deployment          // nil before it is made
	tasks   []*task
	side    Side
	// routes lead to the tasks; traffic says what comes to them.
	routes  []translator.Route
	traffic Traffic
}

type task struct {
	pod     *corev1.Pod
	state   *translator.PodState
	healthy bool
	// protected tasks are not chosen in a scale-in.
	protected bool
}

func (t *task) id() string { return kube.TaskID(string(t.pod.UID)) }

// marked is true for a pod that was chosen to go in a scale-in.
func (t *task) marked() bool { return t.pod.Annotations[corev1.PodDeletionCost] != "" }

func (w *world) newest() *deployment { return w.deployments[len(w.deployments)-1] }

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
	owner := kube.OwnerKey(svc.Namespace, svc.Name)
	rollouts := c.Store.Rollouts.By(kube.ByOwner, owner)
	objects := c.Store.Deployments.By(kube.ByOwner, owner)
	for _, entry := range svc.Spec.Deployments {
		name := kube.DeploymentName(svc.Name, entry.Number)
		d := &deployment{entry: entry, id: kube.DeploymentID(svc.UID, entry.Number)}
		if i := slices.IndexFunc(rollouts, func(r *v1alpha1.ServiceDeployment) bool { return r.Name == name }); i >= 0 {
			d.rollout = rollouts[i]
		}
		if i := slices.IndexFunc(objects, func(o *appsv1.Deployment) bool { return o.Name == name && o.DeletionTimestamp == nil }); i >= 0 {
			d.object = objects[i]
			d.side.Replicas = *d.object.Spec.Replicas
		}
		c.gatherTasks(w, d)
		w.deployments = append(w.deployments, d)
	}
	if err := w.keepStrategy(); err != nil {
		return nil, err
	}
	w.plan()
	return w, nil
}

// keepStrategy lets the newest deployment go on as it began: a service whose
// strategy was changed meanwhile has it in its next deployment.
func (w *world) keepStrategy() error {
	now := w.settings.DeploymentConfiguration
	own, err := translator.ConfigurationOf(w.newest().rollout, now)
	if err != nil || own == now {
		return err
	}
	kept := *now
	kept.Strategy, kept.CanaryConfiguration, kept.LinearConfiguration = own.Strategy, own.CanaryConfiguration, own.LinearConfiguration
	kept.LifecycleHooks, kept.BakeTimeInMinutes = own.LifecycleHooks, own.BakeTimeInMinutes
	w.settings.DeploymentConfiguration = &kept
	return nil
}

func (c *Controller) gatherTasks(w *world, d *deployment) {
	for _, pod := range w.pods {
		if number, ok := translator.DeploymentNumber(pod); !ok || number != d.entry.Number {
			continue
		}
		t := &task{pod: pod, state: translator.Observe(pod)}
		d.tasks = append(d.tasks, t)
		if t.state.Stopping() {
			continue
		}
		d.side.Active++
		if until, protected := translator.ProtectedUntil(pod, w.now); protected {
			t.protected = true
			d.side.Protected++
			w.lookAgain(until.Sub(w.now))
		}
		if t.state.Started() && !t.state.EssentialEnded() && !t.state.Unhealthy(w.now) {
			d.side.Running++
		}
		var wait time.Duration
		t.healthy, wait = t.state.CountsAsHealthy(c.HealthyAfter, w.now)
		if t.healthy {
			d.side.Healthy++
		}
		if wait > 0 {
			w.lookAgain(wait)
		}
	}
}
