package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/gantry-ecs/gantry/localcluster"
)

// reporter shows the steps of starting and stopping.
type reporter interface {
	step(localcluster.Step)
	close()
}

// newReporter: a live display on a terminal, plain lines elsewhere and where
// colour is unwanted or nobody looks, JSON lines where asked for.
func newReporter(out *os.File, asJSON bool) reporter {
	switch {
	case asJSON:
		return &jsonReporter{encoder: json.NewEncoder(out)}
	case os.Getenv("CI") != "" || os.Getenv("NO_COLOR") != "" || !term.IsTerminal(int(out.Fd())):
		return &plainReporter{out: out}
	default:
		return newLiveReporter(out)
	}
}

type jsonReporter struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

func (r *jsonReporter) step(s localcluster.Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.encoder.Encode(s) // whoever read it may have gone
}

func (r *jsonReporter) close() {}

type plainReporter struct {
	mu  sync.Mutex
	out io.Writer
}

func (r *plainReporter) step(s localcluster.Step) {
	if s.State == localcluster.StepRestarted {
		r.mu.Lock()
		defer r.mu.Unlock()
		fmt.Fprintln(r.out, restartLine(s, time.Now()))
		return
	}
	if s.State == localcluster.StepBegun || s.State == localcluster.StepGivenUp {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(r.out, stepLine(s, "✓", "✗"))
}

func (r *plainReporter) close() {}

func stepLine(s localcluster.Step, done, failed string) string {
	mark := done
	if s.State == localcluster.StepFailed {
		mark = failed
	}
	return fmt.Sprintf("%s %-32s %5.1fs", mark, s.Detail, s.Elapsed.Seconds())
}

// restartLine has the time: nobody watches when it is written.
func restartLine(s localcluster.Step, now time.Time) string {
	return fmt.Sprintf("%s %s ended after %s (%s) and was started again, restart %d; log: %s",
		now.Format(time.DateTime), s.Name, duration.HumanDuration(s.Elapsed), s.Detail, s.Restarts, s.Log)
}

// liveReporter keeps one line below the finished steps that says what still
// runs and for how long, and what the slowest has to say.
type liveReporter struct {
	mu     sync.Mutex
	out    *os.File
	active []activeStep
	ticker *time.Ticker
	end    chan struct{}
	ended  chan struct{}
}

type activeStep struct {
	localcluster.Step
	began time.Time
}

const (
	clearLine = "\r\x1b[2K"
	green     = "\x1b[32m✓\x1b[0m"
	red       = "\x1b[31m✗\x1b[0m"
	// talkAfter is when a step counts as slow.
	talkAfter = 2 * time.Second
)

func newLiveReporter(out *os.File) *liveReporter {
	r := &liveReporter{out: out, ticker: time.NewTicker(100 * time.Millisecond), end: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		for {
			select {
			case <-r.end:
				return
			case <-r.ticker.C:
				r.mu.Lock()
				r.draw()
				r.mu.Unlock()
			}
		}
	}()
	return r
}

func (r *liveReporter) step(s localcluster.Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.State == localcluster.StepRestarted {
		fmt.Fprintf(r.out, "%s%s\n", clearLine, restartLine(s, time.Now()))
		return
	}
	if s.State == localcluster.StepBegun {
		r.active = append(r.active, activeStep{Step: s, began: time.Now()})
		return
	}
	for i := range r.active {
		if r.active[i].Name == s.Name {
			r.active = append(r.active[:i], r.active[i+1:]...)
			break
		}
	}
	if s.State != localcluster.StepGivenUp {
		fmt.Fprintf(r.out, "%s%s\n", clearLine, stepLine(s, green, red))
	}
	r.draw()
}

func (r *liveReporter) draw() {
	if len(r.active) == 0 {
		return
	}
	oldest := r.active[0]
	line := fmt.Sprintf("… %-32s %5.1fs", oldest.Detail, time.Since(oldest.began).Seconds())
	if time.Since(oldest.began) > talkAfter && oldest.Log != "" {
		line += "  " + lastLine(oldest.Log)
	}
	if width, _, err := term.GetSize(int(r.out.Fd())); err == nil && width > 1 {
		if runes := []rune(line); len(runes) >= width {
			line = string(runes[:width-1])
		}
	}
	fmt.Fprint(r.out, clearLine, line)
}

func (r *liveReporter) close() {
	r.ticker.Stop()
	close(r.end)
	<-r.ended
	fmt.Fprint(r.out, clearLine)
}

// lastLine is the end of a log, without what a terminal would act on.
func lastLine(path string) string {
	lines := localcluster.LastLines(path, 1)
	if len(lines) == 0 {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, lines[0])
}
