package controllers

import (
	"context"
	"fmt"
	"time"

	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/controllers/cluster"
	"github.com/gantry-ecs/gantry/controllers/daemon"
	"github.com/gantry-ecs/gantry/controllers/scaling"
	"github.com/gantry-ecs/gantry/controllers/service"
	"github.com/gantry-ecs/gantry/controllers/task"
	"github.com/gantry-ecs/gantry/controllers/taskdefinition"
	"github.com/gantry-ecs/gantry/kube"
)

// Config is what the controllers need.
type Config struct {
	Store *kube.Store
	Log   *zap.Logger
	Now   func() time.Time

	Retention task.Retention
	// HealthyAfter is how long a task without a health check must run to be
	// healthy, InactiveFor how long a deleted service stays.
	HealthyAfter, InactiveFor time.Duration
}

// Controller is what each package has one of.
type Controller interface {
	reconcile.Reconciler
	Name() string
	Sources() []source.Source
}

// concurrent is how many objects of a kind are worked on at once: the API
// server answers within milliseconds, so a few keep it busy.
const concurrent = 8

// RunEverywhere runs what every replica runs, until the context ends.
func RunEverywhere(ctx context.Context, cfg Config) error {
	group, ctx := errgroup.WithContext(ctx)
	run(ctx, group, cfg.Log, &task.Recorder{Store: cfg.Store, Now: cfg.Now, Retention: cfg.Retention})
	return group.Wait()
}

// RunLeading runs what one replica runs, for one term. It returns when all of it
// has ended: at the context's end, or because one failed.
func RunLeading(ctx context.Context, cfg Config) error {
	group, ctx := errgroup.WithContext(ctx)
	repeat(ctx, group, cfg.Log, "collect stopped tasks", collectEvery, (&task.Collector{Store: cfg.Store, Now: cfg.Now, Retention: cfg.Retention}).Collect)
	repeat(ctx, group, cfg.Log, "collect task definitions", collectEvery, (&taskdefinition.Collector{Store: cfg.Store}).Collect)
	repeat(ctx, group, cfg.Log, "collect service revisions", collectEvery, (&service.Collector{Store: cfg.Store, Now: cfg.Now}).Collect)
	repeat(ctx, group, cfg.Log, "look for pods without their label", relabelEvery, cfg.Store.RelabelPods)
	run(ctx, group, cfg.Log,
		&task.Stopper{Store: cfg.Store, Now: cfg.Now, Log: cfg.Log},
		&service.Controller{
			Store: cfg.Store, Now: cfg.Now,
			HealthyAfter: cfg.HealthyAfter, InactiveFor: cfg.InactiveFor,
		},
		&daemon.Controller{Store: cfg.Store, Now: cfg.Now, HealthyAfter: cfg.HealthyAfter},
		&cluster.Controller{Store: cfg.Store, Log: cfg.Log, Now: cfg.Now, InactiveFor: cfg.InactiveFor},
		scaling.New(scaling.Config{Store: cfg.Store, Now: cfg.Now, Log: cfg.Log}),
	)
	return group.Wait()
}

const (
	// collectEvery is how often what was kept long enough is looked for.
	collectEvery = 10 * time.Second
	// relabelEvery is how often pods are looked for that no watch shows.
	relabelEvery = time.Minute
)

// repeat does something again and again until the context ends.
func repeat(ctx context.Context, group *errgroup.Group, log *zap.Logger, what string, every time.Duration, do func(context.Context) error) {
	group.Go(func() error {
		wait.UntilWithContext(ctx, func(ctx context.Context) {
			if err := do(ctx); err != nil && ctx.Err() == nil {
				log.Error(what, zap.Error(err))
			}
		}, every)
		return nil
	})
}

// run starts the controllers.
func run(ctx context.Context, group *errgroup.Group, log *zap.Logger, list ...Controller) {
	for _, c := range list {
		group.Go(func() error {
			if err := start(ctx, log, c); err != nil {
				return fmt.Errorf("run controller %s: %w", c.Name(), err)
			}
			return nil
		})
	}
}

func start(ctx context.Context, log *zap.Logger, c Controller) error {
	anew := true // a name comes again with each term
	managed, err := controller.NewUnmanaged(c.Name(), controller.Options{
		Reconciler: c, MaxConcurrentReconciles: concurrent, SkipNameValidation: &anew,
		UsePriorityQueue: new(bool), // no source gives priorities, and it costs three goroutines' turns a request
		Logger:           zapr.NewLogger(log),
	})
	if err != nil {
		return err
	}
	for _, src := range c.Sources() {
		if err := managed.Watch(src); err != nil {
			return fmt.Errorf("watch: %w", err)
		}
	}
	return managed.Start(ctx)
}
