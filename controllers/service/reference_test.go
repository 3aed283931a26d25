package service_test

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// reference is what ECS's documentation says of a service with the ECS
// deployment controller and ROLLING deployments. It knows nothing of how Gantry
// decides: it says what must be so at any time, and what must be so when nothing
// is on its way any more.
type reference struct {
	desired, minimum, maximum int
	breaker, rollback         bool
	deleted                   bool
	// primary is the deployment asked for last; states are the rollout states
	// that were answered, by deployment.
	primary deployment
	states  map[string]types.DeploymentRolloutState
	// completed is the last deployment that was COMPLETED; none before one was.
	completed *deployment
	// rolledBack is set once the primary is a rollback that ECS has begun itself.
	rolledBack bool
}

// deployment is what the reference knows of one.
type deployment struct {
	id, definition string
	// sound says whether tasks of the definition can run and stay healthy.
	sound bool
}

// standing is a task that is there and was not told to stop.
type standing struct {
	deployment                  string
	running, healthy, protected bool
}

// lower: "the lower limit on the number of tasks that should be running in the
// service during a deployment, as a percentage of the desired number of tasks
// (rounded up to the nearest integer)" (API reference, DeploymentConfiguration).
func (r *reference) lower() int { return (r.desired*r.minimum + 99) / 100 }

// upper: "the upper limit on the number of tasks that are allowed in the RUNNING
// or PENDING state, … rounded down" (the same page).
func (r *reference) upper() int { return r.desired * r.maximum / 100 }

// threshold: half of the desired count, 3 at least and 200 at most (Developer
// Guide, deployment circuit breaker).
func (r *reference) threshold() int { return min(max((r.desired+1)/2, 3), 200) }

// anytime checks an answer of DescribeServices.
func (r *reference) anytime(svc types.Service) error {
	if r.deleted {
		return nil
	}
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(svc.Deployments) == 0 {
		return errors.New("there is no deployment")
	}
	seen, running, pending := map[string]bool{}, int32(0), int32(0)
	for i, d := range svc.Deployments {
		id := aws.ToString(d.Id)
		if seen[id] {
			wrong("deployment %s is listed twice", id)
		}
		seen[id] = true
		running, pending = running+d.RunningCount, pending+d.PendingCount
		if want := map[bool]string{true: "PRIMARY", false: "ACTIVE"}[i == 0]; aws.ToString(d.Status) != want {
			wrong("deployment %d is %s, want %s", i, aws.ToString(d.Status), want)
		}
		if i > 0 && d.CreatedAt.After(*svc.Deployments[i-1].CreatedAt) {
			wrong("deployment %d is newer than the one before it", i)
		}
		// "The rolloutState begins IN_PROGRESS. When the deployment reaches a steady
		// state, it is COMPLETED; if it fails, FAILED" (API reference, Deployment):
		// there is no way back.
		if before := r.states[id]; before != "" && before != types.DeploymentRolloutStateInProgress && before != d.RolloutState {
			wrong("deployment %s was %s and is %s", id, before, d.RolloutState)
		}
		r.states[id] = d.RolloutState
		if !strings.Contains(aws.ToString(d.RolloutStateReason), map[types.DeploymentRolloutState]string{
			types.DeploymentRolloutStateCompleted: "completed.", types.DeploymentRolloutStateFailed: "tasks failed to start.",
		}[d.RolloutState]) {
			wrong("deployment %s is %s because %q", id, d.RolloutState, aws.ToString(d.RolloutStateReason))
		}
	}
	if running != svc.RunningCount || pending != svc.PendingCount {
		wrong("%d tasks run and %d are pending, of all deployments %d and %d", svc.RunningCount, svc.PendingCount, running, pending)
	}
	r.follow(svc.Deployments[0], wrong)
	return errors.Join(errs...)
}

// follow notices what became of the primary deployment: that it completed, or
// that another took its place, which only a rollback may.
func (r *reference) follow(primary types.Deployment, wrong func(string, ...any)) {
	if id := aws.ToString(primary.Id); id != r.primary.id {
		switch {
		case !r.breaker || !r.rollback:
			wrong("%s is the primary deployment, and nobody asked for it", id)
		case r.completed == nil:
			wrong("%s is a rollback, and nothing has completed before", id)
		case r.rolledBack:
			wrong("%s takes a rollback back", id)
		case aws.ToString(primary.TaskDefinition) != r.completed.definition:
			wrong("the rollback %s runs %s, the last that completed was %s", id, aws.ToString(primary.TaskDefinition), r.completed.definition)
		default:
			r.primary = deployment{id, r.completed.definition, r.completed.sound}
			r.rolledBack = true
		}
	}
	if primary.RolloutState == types.DeploymentRolloutStateCompleted && (r.completed == nil || r.completed.id != r.primary.id) {
		completed := r.primary
		r.completed = &completed
	}
}

// atRest checks what is left when nothing is on its way any more.
func (r *reference) atRest(svc types.Service, tasks []standing) error {
	if err := r.anytime(svc); err != nil {
		return err
	}
	c := r.count(tasks)
	if r.deleted {
		return r.gone(svc, c)
	}
	primary := svc.Deployments[0]
	switch state := primary.RolloutState; {
	case state == types.DeploymentRolloutStateFailed:
		return r.failed(svc, c)
	case r.reached(c):
		return r.steady(svc)
	case state == types.DeploymentRolloutStateInProgress && r.breaker && int(primary.FailedTasks) >= r.threshold():
		return fmt.Errorf("%d tasks have failed, and the deployment has not", primary.FailedTasks)
	case r.primary.sound:
		return r.stuck(svc, c)
	}
	return nil // it tries again and again
}

// counts are those of the tasks that stand.
type counts struct {
	own, ownHealthy, ownProtected int // of the primary deployment
	old, oldProtected             int // of all others
	healthy                       int
}

func (r *reference) count(tasks []standing) counts {
	c := counts{}
	add := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	for _, t := range tasks {
		own := t.deployment == r.primary.id
		add(&c.own, own)
		add(&c.ownHealthy, own && t.healthy)
		add(&c.ownProtected, own && t.protected)
		add(&c.old, !own)
		add(&c.oldProtected, !own && t.protected)
		add(&c.healthy, t.healthy)
	}
	return c
}

// reached: the desired number of tasks runs and is healthy, and no others.
func (r *reference) reached(c counts) bool {
	return c.old == 0 && c.own == r.desired && c.ownHealthy == r.desired
}

// steady: one deployment is left, COMPLETED, and the counts are what was asked for.
func (r *reference) steady(svc types.Service) error {
	primary := svc.Deployments[0]
	switch {
	case len(svc.Deployments) != 1:
		return fmt.Errorf("%d deployments are left, want one: the others have drained", len(svc.Deployments))
	case primary.RolloutState != types.DeploymentRolloutStateCompleted:
		return fmt.Errorf("the deployment is %s with all that was asked for", primary.RolloutState)
	case int(svc.RunningCount) != r.desired || svc.PendingCount != 0 || int(svc.DesiredCount) != r.desired:
		return fmt.Errorf("%d tasks run and %d are pending of %d, want %d", svc.RunningCount, svc.PendingCount, svc.DesiredCount, r.desired)
	case r.primary.sound && int(primary.FailedTasks) > mostFaults:
		return fmt.Errorf("%d failed tasks in a row, and no more than %d have failed", primary.FailedTasks, mostFaults)
	case len(svc.Events) < mostEvents && !hasEvent(svc, "has reached a steady state."):
		return errors.New("no event tells of the steady state")
	}
	return nil
}

// mostEvents are kept: "up to the last 100" (API reference, Service.events).
const mostEvents = 100

func hasEvent(svc types.Service, words string) bool {
	for _, event := range svc.Events {
		if strings.Contains(aws.ToString(event.Message), words) {
			return true
		}
	}
	return false
}

// stuck: short of its goal, the scheduler must have no way on: neither may a task
// start below the upper limit, nor an old one stop above the lower limit. What is
// protected stays (Developer Guide, task scale-in protection).
func (r *reference) stuck(svc types.Service, c counts) error {
	free := c.old - c.oldProtected
	surplus := min(c.own-r.desired, c.own-c.ownProtected)
	switch {
	case c.own < r.desired && c.own+c.old < r.upper():
		return fmt.Errorf("%d of %d tasks are there besides %d old ones, and up to %d may be", c.own, r.desired, c.old, r.upper())
	case free > 0 && (c.healthy > r.lower() || c.healthy-free >= r.lower()):
		return fmt.Errorf("%d old tasks stay, and %d of %d healthy ones would do", free, r.lower(), c.healthy)
	case surplus > 0:
		return fmt.Errorf("%d tasks run, %d of them protected, and %d are wanted", c.own, c.ownProtected, r.desired)
	case c.own == c.ownHealthy && c.own < r.desired && c.oldProtected == 0 && len(svc.Events) < mostEvents && !hasEvent(svc, "was unable to stop or start tasks during a deployment"):
		return errors.New("no event tells that the deployment configuration leaves no room")
	case c.oldProtected > 0 && len(svc.Events) < mostEvents && !hasEvent(svc, " tasks under protection)"):
		return errors.New("no event tells of the protected tasks")
	}
	return nil
}

// failed: the circuit breaker has ended the deployment, which no rollback follows.
// "Amazon ECS doesn't launch new tasks" for it any more (API reference,
// Deployment.rolloutState), and what served before goes on to serve.
func (r *reference) failed(svc types.Service, c counts) error {
	switch {
	case r.primary.sound:
		return errors.New("a deployment whose tasks are sound has failed")
	case r.rollback && r.completed != nil && !r.rolledBack:
		return fmt.Errorf("it is not taken back to %s", r.completed.id)
	case c.own > c.ownHealthy:
		return fmt.Errorf("%d of %d tasks of the failed deployment do not run well", c.own-c.ownHealthy, c.own)
	case len(svc.Events) < mostEvents && !hasEvent(svc, "(deployment "+r.primary.id+") deployment failed: tasks failed to start."):
		return errors.New("no event tells of the failure")
	}
	return nil
}

// gone: a deleted service is INACTIVE once its tasks have stopped (API reference,
// DeleteService); protected ones have their time.
func (r *reference) gone(svc types.Service, c counts) error {
	left, want := c.own+c.old, "INACTIVE"
	if left > 0 {
		want = "DRAINING"
	}
	switch {
	case left > c.ownProtected+c.oldProtected:
		return fmt.Errorf("%d tasks of the deleted service run, %d of them protected", left, c.ownProtected+c.oldProtected)
	case aws.ToString(svc.Status) != want:
		return fmt.Errorf("the deleted service is %s, want %s with %d tasks", aws.ToString(svc.Status), want, left)
	}
	return nil
}
