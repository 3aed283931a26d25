package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// side does one unit of work and says how long the part that counts took.
type side func(ctx context.Context, i int) (time.Duration, error)

// pair is one unit of work, done both ways.
type pair struct {
	gantry, direct side
	// after, where there is one, clears away what the pair made. It is not timed.
	after func(ctx context.Context, i int) error
}

// timed is a side of which everything counts.
func timed(do func(ctx context.Context, i int) error) side {
	return func(ctx context.Context, i int) (time.Duration, error) {
		began := time.Now()
		err := do(ctx, i)
		return time.Since(began), err
	}
}

// setup makes what a run of pairs needs. cleanup is called after the run.
type setup func(ctx context.Context, p *place, run int) (work pair, cleanup func(context.Context) error, err error)

const (
	plainPairs     = 200
	containerPairs = 20
	// warmUp pairs are done first and not counted: connections, caches, code.
	warmUp = 10
)

// ratio measures the median over the runs of p50 by p50.
func ratio(prepare setup) measure {
	return func(ctx context.Context, o options, p *place, res *result) error {
		pairs, warm := plainPairs, warmUp
		if p.kind == nodePlace {
			pairs, warm = containerPairs, 1
		}
		return ratioOf(pairs, warm, prepare)(ctx, o, p, res)
	}
}

// ratioOf is ratio for work that is to be done more rarely.
func ratioOf(pairs, warm int, prepare setup) measure {
	return func(ctx context.Context, o options, p *place, res *result) error {
		pairs := pairs
		if o.pairs > 0 {
			pairs = o.pairs
		}
		var runs []comparison
		for n := range o.runs {
			c, err := oneRun(ctx, prepare, p, n, warm, pairs)
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "    run %d: %s\n", n+1, c)
			runs = append(runs, c)
		}
		slices.SortFunc(runs, func(a, b comparison) int { return compareFloats(a.ratio(), b.ratio()) })
		middle := runs[len(runs)/2]
		value := middle.ratio()
		res.Value = &value
		res.Note = fmt.Sprintf("%s; %d pairs, median of %d runs, load %s", middle, pairs, o.runs, load())
		return nil
	}
}

func oneRun(ctx context.Context, prepare setup, p *place, n, warm, pairs int) (comparison, error) {
	work, cleanup, err := prepare(ctx, p, n)
	if err != nil {
		return comparison{}, err
	}
	c, err := interleave(ctx, work, warm, pairs)
	if cleanup != nil {
		if cleanupErr := cleanup(context.WithoutCancel(ctx)); err == nil && cleanupErr != nil {
			err = fmt.Errorf("clean up: %w", cleanupErr)
		}
	}
	return c, err
}

// interleave takes the sides in turns, each first every other time, so that
// what one leaves behind for the machine to do is not always the other's burden.
func interleave(ctx context.Context, work pair, warm, pairs int) (comparison, error) {
	var c comparison
	for i := range warm + pairs {
		sides := []side{work.gantry, work.direct}
		into := []*[]time.Duration{&c.gantry, &c.direct}
		if i%2 == 1 {
			slices.Reverse(sides)
			slices.Reverse(into)
		}
		for n, do := range sides {
			took, err := do(ctx, i)
			if err != nil {
				return c, fmt.Errorf("pair %d: %w", i, err)
			}
			if i >= warm {
				*into[n] = append(*into[n], took)
			}
		}
		if work.after != nil {
			if err := work.after(ctx, i); err != nil {
				return c, fmt.Errorf("after pair %d: %w", i, err)
			}
		}
	}
	return c, nil
}

type comparison struct{ gantry, direct []time.Duration }

func (c comparison) ratio() float64 { return float64(median(c.gantry)) / float64(median(c.direct)) }

func (c comparison) String() string {
	return fmt.Sprintf("%s against %s", milliseconds(median(c.gantry)), milliseconds(median(c.direct)))
}

func median(of []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// load is the machine's load in the last minute: with more than its processors
// have, times are long and their ratios rough.
func load() string {
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(data), " ")
	return first
}
