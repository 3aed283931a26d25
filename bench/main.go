package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"

	"github.com/gantry-ecs/gantry/localcluster"
)

// options are what the flags say.
type options struct {
	rows    *regexp.Regexp
	pairs   int
	runs    int
	gantry  string
	results string
	// reuse takes the cluster of the default state directory for the rows with
	// containers, instead of starting one.
	reuse bool
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func readOptions() (options, error) {
	o := options{reuse: os.Getenv("GANTRY_BENCH_REUSE") == "1"}
	pattern := flag.String("rows", "", "a regular expression: only rows whose name matches")
	flag.IntVar(&o.pairs, "pairs", 0, "pairs a run; 0 is 200, or 20 where containers start")
	flag.IntVar(&o.runs, "runs", 3, "runs, of which the median counts")
	flag.StringVar(&o.gantry, "gantry", "", "the program to measure (default gantry beside gantry-node, as `make build` leaves it)")
	flag.StringVar(&o.results, "results", "", "the file for the results (default bench/results.json where every row is measured in full, else none)")
	flag.Parse()
	var err error
	if o.rows, err = regexp.Compile(*pattern); err != nil {
		return o, fmt.Errorf("read --rows: %w", err)
	}
	if o.runs < 1 || o.pairs < 0 {
		return o, errors.New("--runs must be at least 1 and --pairs no less than 0")
	}
	if o.results == "" && *pattern == "" && o.pairs == 0 && o.runs >= 3 {
		o.results = filepath.Join("bench", "results.json")
	}
	if o.gantry == "" {
		dir, err := localcluster.FindBinDir()
		if err != nil {
			return o, err
		}
		o.gantry = filepath.Join(dir, "gantry")
	}
	o.gantry, err = filepath.Abs(o.gantry)
	return o, err
}

// run measures row by row. A row that cannot be measured is in the table with
// its reason; it and one over its limit make the command fail at the end.
func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := readOptions()
	if err != nil {
		return err
	}
	chosen := slices.DeleteFunc(rows(), func(r row) bool { return !o.rows.MatchString(r.name) })
	places := &places{options: o, failed: map[kind]error{}}
	results := make([]result, 0, len(chosen))
	for _, r := range chosen {
		fmt.Fprintf(os.Stderr, "%s ...\n", r.name)
		res := result{Row: r.name, Unit: r.unit, Limit: r.limit}
		if err := measureRow(ctx, o, places, r, &res); err != nil {
			res.Note = "not measured: " + err.Error()
		}
		fmt.Fprintf(os.Stderr, "    %s  %s\n", res.shown(), res.Note)
		results = append(results, res)
		if ctx.Err() != nil {
			break
		}
	}
	err = places.leave(context.WithoutCancel(ctx))
	printTable(os.Stdout, results)
	if o.results != "" && ctx.Err() == nil {
		err = errors.Join(err, writeResults(o.results, results))
	}
	return errors.Join(err, ctx.Err(), shortfalls(results))
}

func measureRow(ctx context.Context, o options, places *places, r row, res *result) error {
	place, err := places.enter(ctx, r.where)
	if err != nil {
		return err
	}
	return r.measure(ctx, o, place, res)
}
