package daemon

import (
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
	now    time.Time
	daemon *v1alpha1.Daemon
	// entry is the newest deployment asked for, configuration its own.
	entry         v1alpha1.DaemonDeploymentEntry
	configuration types.DaemonDeploymentConfiguration
	// deployment is its record, nil before it is made; older are the others.
	deployment *v1alpha1.DaemonDeployment
	older      []*v1alpha1.DaemonDeployment
	set        *appsv1.DaemonSet // nil where there is none
	tasks      []task
	// failures counts the tasks that failed, by revision.
	failures map[int64]int32
}

// task is a task that has not ended.
type task struct {
	pod      *corev1.Pod
	revision int64
	stopping bool
	healthy  bool
}

// target is the number of the revision that all instances are to run.
func (w *world) target() int64 {
	if w.deployment != nil && w.deployment.Status.Rollback != nil {
		return w.deployment.Status.Rollback.To
	}
	return w.entry.Number
}

func (w *world) id() string { return kube.ServiceDeploymentID(w.daemon.UID, w.entry.Number) }

func (c *Controller) gather(d *v1alpha1.Daemon) (*world, error) {
	w := &world{now: c.Now(), daemon: d, entry: d.Spec.Deployments[len(d.Spec.Deployments)-1]}
	var err error
	if w.configuration, err = translator.DaemonConfiguration(w.entry); err != nil {
		return nil, err
	}
	for _, deployment := range c.Store.DeploymentsOfDaemon(d) {
		if deployment.Spec.Number == w.entry.Number {
			w.deployment = deployment
		} else {
			w.older = append(w.older, deployment)
		}
	}
	w.set, _ = c.Store.DaemonSets.Get(d.Namespace, d.Name)
	for _, pod := range c.Store.PodsOfDaemon(d) {
		c.gatherTask(w, pod)
	}
	w.failures, err = c.countFailures(d)
	return w, err
}

func (c *Controller) gatherTask(w *world, pod *corev1.Pod) {
	number, ok := translator.DeploymentNumber(pod)
	state := translator.Observe(pod)
	if !ok || state.Ended() {
		return
	}
	t := task{pod: pod, revision: number, stopping: state.Stopping()}
	if !t.stopping {
		var wait time.Duration
		t.healthy, wait = state.CountsAsHealthy(c.HealthyAfter, w.now)
		if wait > 0 {
			w.LookAgain(wait)
		}
	}
	w.tasks = append(w.tasks, t)
}

// instances is how many are to run the daemon; known is false until the
// DaemonSet as it is now has been looked at by its controller.
func (w *world) instances() (count int, known bool) {
	if w.set == nil || w.set.Status.ObservedGeneration < w.set.Generation {
		return 0, false
	}
	return int(w.set.Status.DesiredNumberScheduled), true
}
