package service_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"go.uber.org/zap"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/controllers/service"
	"github.com/gantry-ecs/gantry/controllers/task"
	"github.com/gantry-ecs/gantry/handlers"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/kube/kubetest"
	"github.com/gantry-ecs/gantry/translator"
)

// process is Gantry as one process, whose controllers take one step at a time.
type process struct {
	client      *kubetest.Client
	store       *kube.Store
	calls       *handlers.Handlers
	controllers []*stepped
	cancel      context.CancelFunc
}

// stepped is a controller with a queue that hands out requests when it is told to.
type stepped struct {
	reconcile.Reconciler
	queue *queue
	due   map[reconcile.Request]time.Time
}

// queue is what sources fill. Of a work queue it has what kube.Source uses.
type queue struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request] // not set
	requests                                                map[reconcile.Request]bool
}

// Add is workqueue.TypedInterface's.
func (q *queue) Add(request reconcile.Request) { q.requests[request] = true }

func startProcess(ctx context.Context, server *kubetest.Server, now func() time.Time) (*process, error) {
	p := &process{client: server.Client()}
	ctx, p.cancel = context.WithCancel(ctx)
	var err error
	p.store, err = kube.NewStore(kube.Config{REST: &rest.Config{}, Client: p.client, Namespace: "gantry-system", Wide: true})
	if err != nil {
		return nil, err
	}
	p.store.Start(ctx)
	await(func() bool { return p.store.Synced() && p.client.Watching() })
	p.calls = handlers.New(handlers.Config{
		Store: p.store, Namespaces: kube.NamespaceMode{Mode: kube.CreateNamespaces},
		Capabilities: translator.Capabilities{PodLevelResources: true, ContainerRestartRules: true}, Architecture: "x86_64", Now: now,
	})
	for _, c := range []interface {
		reconcile.Reconciler
		Sources() []source.Source
	}{
		&service.Controller{Store: p.store, Now: now, HealthyAfter: service.DefaultHealthyAfter, InactiveFor: service.DefaultInactiveFor},
		&task.Stopper{Store: p.store, Now: now, Log: zap.NewNop()},
		&task.Recorder{Store: p.store, Now: now, Retention: task.DefaultRetention()},
	} {
		s := &stepped{Reconciler: c, queue: &queue{requests: map[reconcile.Request]bool{}}, due: map[reconcile.Request]time.Time{}}
		for _, src := range c.Sources() {
			if err := src.Start(ctx, s.queue); err != nil {
				return nil, err
			}
		}
		p.controllers = append(p.controllers, s)
	}
	return p, nil
}

// await polls: the reflectors say nothing when they begin to watch, and when they end.
func await(done func() bool) {
	for limit := time.Now().Add(time.Minute); !done(); {
		if time.Now().After(limit) {
			panic("the process's watches did not begin, or end, within a minute")
		}
		time.Sleep(20 * time.Microsecond) //nolint:forbidigo // see above
	}
}

// end ends the process. Nothing of it looks at the API server any more.
func (p *process) end() {
	p.cancel()
	await(func() bool { return p.client.Open() == 0 })
}

// busy are the controllers that have something to do now.
func (p *process) busy(now time.Time) []*stepped {
	var busy []*stepped
	for _, c := range p.controllers {
		for request, at := range c.due {
			if !at.After(now) {
				delete(c.due, request)
				c.queue.Add(request)
			}
		}
		if len(c.queue.requests) > 0 {
			busy = append(busy, c)
		}
	}
	return busy
}

// next is when a controller wants to look again; zero where none does.
func (p *process) next() time.Time {
	var next time.Time
	for _, c := range p.controllers {
		for _, at := range c.due {
			if next.IsZero() || at.Before(next) {
				next = at
			}
		}
	}
	return next
}

// afterError is how long a failed request waits.
const afterError = 100 * time.Millisecond

// step takes one request of the queue. A failed one comes again, and its error is
// the answer; that Gantry is dead is none.
func (c *stepped) step(ctx context.Context, r *rand.Rand, now time.Time) error {
	requests := make([]reconcile.Request, 0, len(c.queue.requests))
	for request := range c.queue.requests {
		requests = append(requests, request)
	}
	slices.SortFunc(requests, func(a, b reconcile.Request) int {
		return slices.Compare([]string{a.Namespace, a.Name}, []string{b.Namespace, b.Name})
	})
	request := requests[r.IntN(len(requests))]
	delete(c.queue.requests, request)
	result, err := c.Reconcile(ctx, request)
	after := result.RequeueAfter
	switch {
	case errors.Is(err, kubetest.ErrDead):
		return nil
	case err != nil:
		after = afterError
	case after <= 0:
		return nil
	}
	if at, ok := c.due[request]; !ok || now.Add(after).Before(at) {
		c.due[request] = now.Add(after)
	}
	if err != nil {
		return fmt.Errorf("%T %s: %w", c.Reconciler, request, err)
	}
	return nil
}
