package compat

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// Options are where and how the suite runs.
type Options struct {
	// Endpoint is the URL of both services; empty means AWS itself.
	Endpoint  string
	Region    string
	AccessKey string
	SecretKey string
	// ImagePrefix is what the names of the test programs' images begin with.
	ImagePrefix string
	// Select picks cases by name; nil picks all.
	Select *regexp.Regexp
	// Without are features that the endpoint lacks.
	Without []Feature
	// Parallel is how many cases run at once, at least 1.
	Parallel int
	// Done hears of each case as it ends, from one goroutine at a time.
	Done func(Outcome)
}

// cleanupTimeout bounds the deletions after one case.
const cleanupTimeout = time.Minute

// Run runs the selected cases and returns their outcomes in the order of the list.
func Run(ctx context.Context, cases []Case, o Options) ([]Outcome, error) {
	id := make([]byte, 4)
	if _, err := rand.Read(id); err != nil {
		return nil, fmt.Errorf("make a name for the run: %w", err)
	}
	r := runner{options: o, id: hex.EncodeToString(id)}
	r.ecs, r.scaling = clients(o)
	cases = slices.DeleteFunc(slices.Clone(cases), func(c Case) bool {
		return o.Select != nil && !o.Select.MatchString(c.Name)
	})
	outcomes := make([]Outcome, len(cases))
	slots := make(chan struct{}, max(o.Parallel, 1))
	var wg sync.WaitGroup
	for i, c := range cases {
		if c.Alone {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			outcomes[i] = r.run(ctx, i, c)
		})
	}
	wg.Wait()
	for i, c := range cases {
		if c.Alone {
			outcomes[i] = r.run(ctx, i, c)
		}
	}
	return outcomes, ctx.Err()
}

func clients(o Options) (*ecs.Client, *applicationautoscaling.Client) {
	cfg := aws.Config{
		Region:      o.Region,
		Credentials: credentials.NewStaticCredentialsProvider(o.AccessKey, o.SecretKey, ""),
	}
	if o.Endpoint != "" {
		cfg.BaseEndpoint = aws.String(o.Endpoint)
	}
	return ecs.NewFromConfig(cfg), applicationautoscaling.NewFromConfig(cfg)
}

type runner struct {
	options Options
	id      string
	ecs     *ecs.Client
	scaling *applicationautoscaling.Client
	done    sync.Mutex
}

func (r *runner) run(ctx context.Context, index int, c Case) Outcome {
	outcome := Outcome{Name: c.Name, Operations: c.Operations}
	if lacks := missing(c.Needs, r.options.Without); len(lacks) > 0 {
		outcome.Skipped = "needs " + strings.Join(lacks, ", ")
	} else {
		began := time.Now()
		outcome.Failures = r.failures(ctx, index, c)
		outcome.Seconds = time.Since(began).Seconds()
	}
	if r.options.Done != nil {
		r.done.Lock()
		defer r.done.Unlock()
		r.options.Done(outcome)
	}
	return outcome
}

func missing(needs, without []Feature) []string {
	var out []string
	for _, n := range needs {
		if slices.Contains(without, n) {
			out = append(out, string(n))
		}
	}
	return out
}

func (r *runner) failures(ctx context.Context, index int, c Case) []string {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	t := &T{
		ctx: limited, ECS: r.ecs, Scaling: r.scaling, source: c.Source,
		prefix: fmt.Sprintf("compat-%s-%d", r.id, index), images: r.options.ImagePrefix,
	}
	perform(t, c.Run)
	if limited.Err() != nil && ctx.Err() == nil {
		t.fail("the case took longer than %s", timeout)
	}
	// Resources go even where the run was interrupted.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	for _, fn := range slices.Backward(t.cleanups) {
		fn(after)
	}
	return t.failures
}

// perform makes a failure of a panic: a server's odd answer must cost one case,
// not the run.
func perform(t *T, run func(*T)) {
	defer func() {
		switch r := recover().(type) {
		case nil, stop:
		default:
			t.fail("panic: %v\n%s", r, debug.Stack())
		}
	}()
	run(t)
}
