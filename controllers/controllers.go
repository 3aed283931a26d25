package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-logr/zapr"
	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gantry-ecs/gantry/controllers/cluster"
	"github.com/gantry-ecs/gantry/controllers/scaling"
	"github.com/gantry-ecs/gantry/controllers/service"
	"github.com/gantry-ecs/gantry/controllers/task"
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
	return run(ctx, cfg.Log, &task.Recorder{Store: cfg.Store, Now: cfg.Now, Retention: cfg.Retention})
}

// RunLeading runs what one replica runs, for one term.
func RunLeading(ctx context.Context, cfg Config) error {
	collect(ctx, cfg.Log, "stopped tasks", &task.Collector{Store: cfg.Store, Now: cfg.Now, Retention: cfg.Retention})
	collect(ctx, cfg.Log, "service revisions", &service.Collector{Store: cfg.Store, Now: cfg.Now})
	return run(ctx, cfg.Log,
		&task.Stopper{Store: cfg.Store, Now: cfg.Now, Log: cfg.Log},
		&service.Controller{
			Store: cfg.Store, Now: cfg.Now, Log: cfg.Log,
			HealthyAfter: cfg.HealthyAfter, InactiveFor: cfg.InactiveFor,
		},
		&cluster.Controller{Store: cfg.Store, Now: cfg.Now, InactiveFor: cfg.InactiveFor},
		scaling.New(scaling.Config{Store: cfg.Store, Now: cfg.Now, Log: cfg.Log}),
	)
}

// collectEvery is how often what was kept long enough is looked for.
const collectEvery = 10 * time.Second

// collect goes through what may be removed again and again, for one term.
func collect(ctx context.Context, log *zap.Logger, what string, collector interface{ Collect(context.Context) error }) {
	go wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := collector.Collect(ctx); err != nil && ctx.Err() == nil {
			log.Error("collect what was kept long enough", zap.String("what", what), zap.Error(err))
		}
	}, collectEvery)
}

// run starts the controllers and waits for all of them to end.
func run(ctx context.Context, log *zap.Logger, list ...Controller) error {
	anew := true // a name comes again with each term
	var wg sync.WaitGroup
	errs := make(chan error, len(list))
	for _, c := range list {
		managed, err := controller.NewUnmanaged(c.Name(), controller.Options{
			Reconciler: c, MaxConcurrentReconciles: concurrent, SkipNameValidation: &anew,
			Logger: zapr.NewLogger(log),
		})
		if err != nil {
			return fmt.Errorf("make controller %s: %w", c.Name(), err)
		}
		for _, src := range c.Sources() {
			if err := managed.Watch(src); err != nil {
				return fmt.Errorf("watch for controller %s: %w", c.Name(), err)
			}
		}
		wg.Go(func() {
			if err := managed.Start(ctx); err != nil {
				errs <- fmt.Errorf("run controller %s: %w", c.Name(), err)
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
