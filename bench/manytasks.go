package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"golang.org/x/sync/errgroup"
)

// call is one call to Gantry, made again and again.
type call func(ctx context.Context) error

// calls are how many a percentile is taken of.
const calls = 1000

// slowest measures the 99th percentile of a call, one after another.
func slowest(prepare func(ctx context.Context, p *place) (call, error)) measure {
	return func(ctx context.Context, o options, p *place, res *result) error {
		do, err := prepare(ctx, p)
		if err != nil {
			return err
		}
		count := calls
		if o.pairs > 0 {
			count = o.pairs
		}
		var runs [][]time.Duration
		for range o.runs {
			times, err := repeat(ctx, do, count)
			if err != nil {
				return err
			}
			runs = append(runs, times)
		}
		slices.SortFunc(runs, func(a, b []time.Duration) int { return int(percentile(a, 99) - percentile(b, 99)) })
		middle := runs[len(runs)/2]
		value := float64(percentile(middle, 99)) / float64(time.Millisecond)
		res.Value = &value
		res.Note = fmt.Sprintf("p50 %s; %d calls, median of %d runs, load %s", milliseconds(percentile(middle, 50)), count, o.runs, load())
		return nil
	}
}

func repeat(ctx context.Context, do call, count int) ([]time.Duration, error) {
	times := make([]time.Duration, 0, count)
	for i := range warmUp + count {
		began := time.Now()
		if err := do(ctx); err != nil {
			return nil, fmt.Errorf("call %d: %w", i, err)
		}
		if i >= warmUp {
			times = append(times, time.Since(began))
		}
	}
	return times, nil
}

// percentile is the least of the times that n in a hundred do not exceed.
func percentile(of []time.Duration, n int) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[(len(sorted)*n+99)/100-1]
}

func describeMany(ctx context.Context, p *place) (call, error) {
	g := &ground{place: p, cluster: clusterName(0)}
	list, err := g.ecs.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &g.cluster})
	if err != nil {
		return nil, fmt.Errorf("ListTasks: %w", err)
	}
	return g.describe(list.TaskArns), nil
}

func listMany(_ context.Context, p *place) (call, error) {
	g := &ground{place: p, cluster: clusterName(0)}
	return g.list, nil
}

// callCosts compares calls with direct work that costs the same however many
// objects there are.
func (p *place) callCosts(ctx context.Context, stage int) ([]comparison, error) {
	costs := make([]comparison, len(sized))
	for i, s := range sized {
		var err error
		if costs[i], err = oneRun(ctx, s.prepare, p, firstStage+stage, warmUp, plainPairs); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(os.Stderr, "    %s: %s\n", s.name, costs[i])
	}
	return costs, nil
}

// firstStage keeps the grounds of callCosts apart from those of other rows.
const firstStage = 100

// sized are the calls whose cost must not grow with what there is.
var sized = []struct {
	name    string
	prepare setup
}{
	{"DescribeTasks of 100", describeTasks},
	{"ListTasks page of 100", listTasks},
	{"RunTask", runTask(1)},
	{"RegisterTaskDefinition", registerTaskDefinition},
}

// growth is the greatest growth of a call's cost from a tenth of the tasks to all.
func growth(ctx context.Context, _ options, p *place, res *result) error {
	all, err := p.callCosts(ctx, 1)
	if err != nil {
		return err
	}
	var most float64
	var notes []string
	for i, s := range sized {
		grown := all[i].ratio() / p.filling.first[i].ratio()
		most = max(most, grown)
		notes = append(notes, fmt.Sprintf("%s %.2f", s.name, grown))
	}
	res.Value = &most
	res.Note = fmt.Sprintf("%s; against direct work, %d pairs each; load %s", strings.Join(notes, ", "), plainPairs, load())
	return nil
}

// burst is how many calls each of the callers at once makes for one measurement.
const burst = 2

// runTaskAtOnce compares as many callers at once on both sides. Its limit is the
// inverse of how many calls a second are to be reached.
func runTaskAtOnce(ctx context.Context, p *place, run int) (pair, func(context.Context) error, error) {
	g, err := p.newGround(ctx, "burst", run)
	if err != nil {
		return pair{}, nil, err
	}
	template, _, err := g.template(ctx)
	if err != nil {
		return pair{}, nil, err
	}
	callers := func(do func(ctx context.Context, i, caller, n int) error) side {
		return timed(func(ctx context.Context, i int) error {
			group, ctx := errgroup.WithContext(ctx)
			for caller := range atOnce {
				group.Go(func() error {
					for n := range burst {
						if err := do(ctx, i, caller, n); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return group.Wait()
		})
	}
	return pair{
		gantry: callers(func(ctx context.Context, _, _, _ int) error {
			_, err := g.run(ctx, 1)
			return err
		}),
		direct: callers(func(ctx context.Context, i, caller, n int) error {
			return g.createPod(ctx, template, fmt.Sprintf("direct-%d-%d-%d", i, caller, n))
		}),
	}, nil, nil
}

// heapOfTask is how much more a task makes of what two collections leave.
// Everything that came with the tasks is in it: their definitions, clusters and
// what is kept of calls.
func heapOfTask(ctx context.Context, _ options, p *place, res *result) error {
	heap, err := p.liveHeap(ctx)
	if err != nil {
		return err
	}
	used, err := p.gantry.memory()
	if err != nil {
		return err
	}
	const kib = 1 << 10
	value := (heap - p.filling.heap) / manyTasks / kib
	res.Value = &value
	res.Note = fmt.Sprintf("%.1f MB live, idle %.1f MB; resident %.0f MB, %.0f MB of it the program's file",
		heap/mb, p.filling.heap/mb, used.resident, used.file)
	return nil
}

const (
	collections = "go_gc_duration_seconds_count"
	liveBytes   = "go_gc_heap_live_bytes"
)

// liveHeap is what is alive after two collections more, in bytes. The server
// collects when it has allocated for a while: it is asked for pages until then.
func (p *place) liveHeap(ctx context.Context) (float64, error) {
	before, err := p.gantry.metric(ctx, collections)
	if err != nil {
		return 0, err
	}
	err = pollEvery(ctx, time.Millisecond, "two collections", func(ctx context.Context) (bool, error) {
		now, err := p.gantry.metric(ctx, collections)
		return now >= before+2, err
	})
	if err != nil {
		return 0, err
	}
	return p.gantry.metric(ctx, liveBytes)
}

// metric reads one value of those that the server shows.
func (s *served) metric(ctx context.Context, name string) (float64, error) {
	page, err := s.get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(page))
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return 0, fmt.Errorf("read metric %s: %w", name, err)
			}
			return value, nil
		}
	}
	return 0, fmt.Errorf("the server shows no metric %s", name)
}
