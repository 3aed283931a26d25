package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/util/wait"
)

// How many there are of everything in the filled places. The first part of the
// tasks is what the costs of calls beside all of them are compared with.
const (
	families       = 500
	revisions      = 20 // of each family
	manyClusters   = 200
	manyTasks      = 10_000
	firstFamilies  = families / 10
	firstClusters  = 10
	firstTasks     = manyTasks / 10
	serviceHomes   = 20 // clusters
	manyServices   = 1_000
	tasksOfService = 10
)

const (
	// loaders call at once when a place is filled.
	loaders = 8
	// loadLimit is how long one wait while filling may take, loadTries how often a
	// call is made: eight callers at once keep an API server busy.
	loadLimit = 15 * time.Minute
	loadTries = 6
)

// filling is what was measured while a place was filled.
type filling struct {
	// heap is the live heap of gantry serve before, in bytes.
	heap float64
	// first are the costs of calls beside the first part, in their order.
	first []comparison
	// memory is that of the gantry serve that saw everything come.
	memory memory
}

func familyName(n int) string { return fmt.Sprintf("many-%03d", n) }

// definitionName names the last revision: a family alone is looked up anew by
// each call.
func definitionName(n int) string { return fmt.Sprintf("%s:%d", familyName(n), revisions) }

func clusterName(n int) string { return fmt.Sprintf("many-%03d", n) }

// loadTasks fills a place with revisions and tasks: first a tenth, beside which
// the calls are measured.
func (p *place) loadTasks(ctx context.Context, loader *place) error {
	heap, err := p.liveHeap(ctx)
	if err != nil {
		return err
	}
	p.filling.heap = heap
	if err := loader.addTasks(ctx, 0, firstFamilies, 0, firstClusters, firstTasks); err != nil {
		return err
	}
	if p.filling.first, err = p.callCosts(ctx, 0); err != nil {
		return err
	}
	return loader.addTasks(ctx, firstFamilies, families, firstClusters, manyClusters, manyTasks-firstTasks)
}

// addTasks registers the families, makes the clusters and runs the tasks in them,
// the same number in each as far as calls of ten go.
func (p *place) addTasks(ctx context.Context, fromFamily, toFamily, fromCluster, toCluster, tasks int) error {
	err := each(ctx, toFamily-fromFamily, func(ctx context.Context, n int) error {
		for range revisions {
			if _, err := p.ecs.RegisterTaskDefinition(ctx, webAndSidecar(familyName(fromFamily+n))); err != nil {
				return fmt.Errorf("RegisterTaskDefinition: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := p.addClusters(ctx, fromCluster, toCluster); err != nil {
		return err
	}
	arns := make([][]string, tasks/10)
	err = each(ctx, len(arns), func(ctx context.Context, n int) error {
		g := &ground{place: p, cluster: clusterName(fromCluster + n%(toCluster-fromCluster)), definition: definitionName(fromFamily + n%(toFamily-fromFamily))}
		made, err := g.run(ctx, 10)
		for _, task := range made {
			arns[n] = append(arns[n], aws.ToString(task.TaskArn))
		}
		return err
	})
	if err != nil {
		return err
	}
	for n, ten := range arns {
		g := &ground{place: p, cluster: clusterName(fromCluster + n%(toCluster-fromCluster))}
		if err := loaded(ctx, "tasks RUNNING", g.haveStatus(ten, "RUNNING")); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) addClusters(ctx context.Context, from, to int) error {
	return each(ctx, to-from, func(ctx context.Context, n int) error {
		_, err := p.ecs.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String(clusterName(from + n))})
		if err != nil {
			return fmt.Errorf("CreateCluster: %w", err)
		}
		return nil
	})
}

// loadServices fills a place with services that run all their tasks.
func (p *place) loadServices(ctx context.Context) error {
	if err := p.addClusters(ctx, 0, serviceHomes); err != nil {
		return err
	}
	err := each(ctx, serviceHomes, func(ctx context.Context, n int) error {
		_, err := p.ecs.RegisterTaskDefinition(ctx, webAndSidecar(familyName(n)))
		return err
	})
	if err != nil {
		return fmt.Errorf("RegisterTaskDefinition: %w", err)
	}
	err = each(ctx, manyServices, func(ctx context.Context, n int) error {
		g, name := p.homeOf(n)
		return g.makeService(ctx, name, tasksOfService)
	})
	if err != nil {
		return err
	}
	for n := range manyServices {
		g, name := p.homeOf(n)
		if err := loaded(ctx, "runningCount", g.runs(name, tasksOfService)); err != nil {
			return err
		}
	}
	return nil
}

// homeOf is where the service of that number is, and its name.
func (p *place) homeOf(n int) (*ground, string) {
	home := n % serviceHomes
	return &ground{place: p, cluster: clusterName(home), definition: familyName(home)}, fmt.Sprintf("service-%d", n/serviceHomes)
}

// each does the work n times, as many at once as there are loaders.
func each(ctx context.Context, n int, work func(ctx context.Context, n int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(loaders)
	for i := range n {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return work(ctx, i)
		})
	}
	return group.Wait()
}

// loaded is settled for what a place is filled with.
func loaded(ctx context.Context, what string, done func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextTimeout(ctx, 500*time.Millisecond, loadLimit, true, done); err != nil {
		return fmt.Errorf("wait for %s: %w", what, err)
	}
	return nil
}
