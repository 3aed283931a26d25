package service_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/controllers/service"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/kube/kubetest"
)

const (
	playsFew, playsSoak = 15, 4000
	callsPerPlay        = 12
	// stepsBetween is how much may happen from one call to the next.
	stepsBetween = 150
	// restLimit bounds the steps until nothing is on its way any more, restHorizon
	// is what counts as nothing: what comes later than that is waited for by nobody.
	restLimit   = 60_000
	restHorizon = time.Hour
	// retriesLimit and retriesSteps are for how long a deployment is watched that
	// tries in vain for ever.
	retriesLimit = 3 * time.Hour
	retriesSteps = 600
)

// TestServicesAgainstReference plays calls, faults and kills in random order
// against an API server in memory and compares what comes of them with ECS's rules.
func TestServicesAgainstReference(t *testing.T) {
	plays, first := playsFew, uint64(1) // the same plays each time: new ones are for the soak
	if os.Getenv("GANTRY_SOAK") != "" {
		plays, first = playsSoak, rand.Uint64N(1<<32)
	}
	if given := os.Getenv("GANTRY_SEED"); given != "" {
		if _, err := fmt.Sscan(given, &first); err != nil {
			t.Fatal(err)
		}
		plays = 1
	}
	for seed := first; seed < first+uint64(plays); seed++ {
		p := newPlay(t, seed)
		p.run()
		if t.Failed() {
			t.Fatalf("again with GANTRY_SEED=%d:\n%s", seed, strings.Join(p.log[max(0, len(p.log)-60):], "\n"))
		}
	}
}

// play is one service, all that happens to it, and what ECS would make of it.
type play struct {
	*testing.T
	ctx    context.Context
	r      *rand.Rand
	clock  time.Time
	server *kubetest.Server
	life   *life
	gantry *process
	ref    *reference
	images []string // of the task definitions' revisions
	faults int      // since the last deployment
	log    []string
}

const (
	playCluster = "play"
	playService = "web"
)

func newPlay(t *testing.T, seed uint64) *play {
	p := &play{T: t, r: rand.New(rand.NewPCG(seed, 1)), clock: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	var cancel context.CancelFunc
	p.ctx, cancel = context.WithCancel(awsapi.WithCaller(t.Context(), awsapi.Caller{
		Account: kube.DefaultAccount, Region: kube.DefaultRegion,
	}))
	t.Cleanup(cancel)
	p.server = kubetest.NewServer(kube.Scheme(), p.now)
	p.life = &life{server: p.server, client: p.server.Client(), r: p.r, now: p.now}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: lifeNode}}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	p.must(p.life.client.Create(p.ctx, node))
	p.start()
	_, err := p.gantry.calls.CreateCluster(p.ctx, &ecs.CreateClusterInput{ClusterName: aws.String(playCluster)})
	p.must(err)
	p.create()
	return p
}

func (p *play) now() time.Time { return p.clock }

func (p *play) must(err error) {
	p.Helper()
	if err != nil {
		p.note("error: %v", err)
		p.Error(err)
	}
}

func (p *play) note(format string, args ...any) {
	p.log = append(p.log, p.clock.Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

// start starts Gantry, which knows nothing but what the API server tells it.
func (p *play) start() {
	var err error
	p.gantry, err = startProcess(p.ctx, p.server, p.now)
	if err != nil {
		p.Fatal(err)
	}
	p.gantry.client.Wrote = p.wrote
}

func (p *play) run() {
	for range callsPerPlay {
		p.act()
		for range p.r.IntN(stepsBetween) {
			p.step(5 * time.Second)
		}
		if p.r.IntN(3) == 0 {
			p.rest()
		}
		if p.Failed() {
			return
		}
	}
	p.rest()
	p.gantry.end()
}

// act is one call, or one thing that goes wrong.
func (p *play) act() {
	acts := []struct {
		weight int
		do     func()
	}{
		{4, p.deploy}, {3, p.scale}, {2, p.configure}, {2, p.protect}, {2, p.fault}, {2, p.kill}, {1, p.recreate},
	}
	sum := 0
	for _, a := range acts {
		sum += a.weight
	}
	n := p.r.IntN(sum)
	for _, a := range acts {
		if n -= a.weight; n < 0 {
			a.do()
			return
		}
	}
}

// step lets one thing happen, or some time pass, at most wait. It is false where
// nothing happens before that.
func (p *play) step(wait time.Duration) bool {
	if p.gantry.client.Dead() {
		p.note("Gantry starts again")
		p.gantry.end()
		p.start()
	}
	var can []func()
	for _, w := range p.server.Watches() {
		if n := w.Waiting(); n > 0 {
			can = append(can, func() { w.Show(1 + p.r.IntN(n)) })
		}
	}
	for _, c := range p.gantry.busy(p.clock) {
		can = append(can, func() {
			if err := c.step(p.ctx, p.r, p.clock); err != nil {
				p.must(err)
			}
		})
	}
	for _, deed := range p.life.deeds() {
		can = append(can, func() { p.must(deed(p.ctx)) })
	}
	if len(can) > 0 {
		p.clock = p.clock.Add(time.Duration(p.r.IntN(40)) * time.Millisecond)
		can[p.r.IntN(len(can))]()
		return true
	}
	next := p.gantry.next()
	if next.IsZero() || next.Sub(p.clock) > wait {
		return false
	}
	p.clock = next
	return true
}

// rest waits until nothing is on its way any more, and compares.
func (p *play) rest() {
	began, quiet := p.clock, true
	for steps := 0; p.step(restHorizon) && !p.Failed(); steps++ {
		if (p.clock.Sub(began) > retriesLimit || steps > retriesSteps) && p.retries() {
			quiet = false
			break
		}
		if steps > restLimit {
			p.must(errors.New("it does not come to rest"))
			return
		}
	}
	if p.Failed() {
		return
	}
	svc, found := p.describe()
	if !found {
		return
	}
	p.note("at rest: %s", outline(svc))
	if err := p.ref.atRest(svc, p.tasks(p.pods())); err != nil {
		p.must(fmt.Errorf("at rest: %w: %s", err, outline(svc)))
	}
	p.checkEvents(svc, quiet)
	p.collect()
}

// retries says whether the scheduler can try for ever: a circuit breaker ends that
// of a deployment that has not completed before.
func (p *play) retries() bool {
	if p.ref.deleted || p.ref.primary.sound {
		return false
	}
	svc, found := p.describe()
	if !found || p.ref.primary.sound {
		return false
	}
	state := svc.Deployments[0].RolloutState
	if state == types.DeploymentRolloutStateFailed && len(svc.Deployments) > 1 {
		// The one before runs on, and no circuit breaker judges it any more. First those
		// of the failed one that do not run well have to go.
		c := p.ref.count(p.tasks(p.pods()))
		return c.own == c.ownHealthy
	}
	return state == types.DeploymentRolloutStateCompleted || state == types.DeploymentRolloutStateInProgress && !p.ref.breaker
}

// describe asks DescribeServices and checks the answer.
func (p *play) describe() (types.Service, bool) {
	out, err := p.gantry.calls.DescribeServices(p.ctx, &ecs.DescribeServicesInput{
		Cluster: aws.String(playCluster), Services: []string{playService},
	})
	p.must(err)
	if err != nil || len(out.Services) != 1 {
		p.must(fmt.Errorf("the service is not described: %v", out))
		return types.Service{}, false
	}
	if err := p.ref.anytime(out.Services[0]); err != nil {
		p.must(fmt.Errorf("%w: %s", err, outline(out.Services[0])))
	}
	return out.Services[0], true
}

func outline(svc types.Service) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, desired %d", aws.ToString(svc.Status), svc.DesiredCount)
	for _, d := range svc.Deployments {
		fmt.Fprintf(&b, "; %s %s %s of %s: %d run, %d pending, %d failed", aws.ToString(d.Id), aws.ToString(d.Status), d.RolloutState,
			aws.ToString(d.TaskDefinition), d.RunningCount, d.PendingCount, d.FailedTasks)
	}
	return b.String()
}

// mostNamed is how many tasks an event names, however many it tells of.
const mostNamed = 10

var taskInEvent = regexp.MustCompile(`\(task ([0-9a-f]{32})\)`)

// checkEvents: each task is told of at most once, and those that stand have been
// told of once all is quiet, unless the ring has dropped it or it was not named.
func (p *play) checkEvents(svc types.Service, quiet bool) {
	told, unnamed := map[string]int{}, false
	for _, event := range svc.Events {
		message := aws.ToString(event.Message)
		unnamed = unnamed || len(taskInEvent.FindAllString(message, -1)) >= mostNamed
		for _, kind := range []string{"has started", "has stopped"} {
			if !strings.Contains(message, kind) {
				continue
			}
			for _, m := range taskInEvent.FindAllStringSubmatch(message, -1) {
				if told[kind+m[1]]++; told[kind+m[1]] > 1 {
					p.must(fmt.Errorf("two events say that task %s %s", m[1], kind))
				}
			}
		}
	}
	if !quiet || unnamed || len(svc.Events) >= mostEvents || aws.ToString(svc.Status) != "ACTIVE" {
		return
	}
	for _, pod := range p.pods() {
		if id := kube.TaskID(string(pod.UID)); pod.Spec.NodeName != "" && told["has started"+id] == 0 {
			p.must(fmt.Errorf("no event says that task %s has started", id))
		}
	}
}

// collect removes the pods and records that nobody needs, as the leader does.
func (p *play) collect() {
	for _, pod := range kubetest.All[*corev1.Pod](p.server) {
		if len(pod.Finalizers) == 0 && pod.Status.Phase == corev1.PodFailed && metav1.GetControllerOf(pod) == nil {
			p.must(p.life.client.Delete(p.ctx, pod))
		}
	}
	for _, record := range kubetest.All[*v1alpha1.StoppedTask](p.server) {
		p.must(p.life.client.Delete(p.ctx, record))
	}
}

// pods are those of tasks that stand.
func (p *play) pods() []*corev1.Pod {
	return slices.DeleteFunc(kubetest.All[*corev1.Pod](p.server), func(pod *corev1.Pod) bool { return !stands(pod) })
}

// stands says whether the task's desired status is RUNNING.
func stands(pod *corev1.Pod) bool {
	return alive(pod) && pod.Annotations[v1alpha1.StopCodeAnnotation] == ""
}

func (p *play) tasks(pods []*corev1.Pod) []standing {
	var tasks []standing
	for _, pod := range pods {
		tasks = append(tasks, standing{
			deployment: pod.Annotations[v1alpha1.StartedByAnnotation], running: pod.Status.Phase == corev1.PodRunning,
			healthy: p.serves(pod), protected: p.protected(pod),
		})
	}
	return tasks
}

// serves: HEALTHY with a health check, else RUNNING for 40 seconds (API
// reference, DeploymentConfiguration.minimumHealthyPercent).
func (p *play) serves(pod *corev1.Pod) bool {
	if !alive(pod) || pod.Labels[v1alpha1.ServiceLabel] == "" || pod.Status.Phase != corev1.PodRunning {
		return false
	}
	if checked(pod) {
		return ready(pod)
	}
	return p.clock.Sub(pod.Status.ContainerStatuses[0].State.Running.StartedAt.Time) >= service.DefaultHealthyAfter
}

func (p *play) protected(pod *corev1.Pod) bool {
	until, err := time.Parse(time.RFC3339Nano, pod.Annotations[v1alpha1.ProtectedUntilAnnotation])
	return err == nil && p.clock.Before(until)
}
