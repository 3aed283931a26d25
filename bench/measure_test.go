package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestInterleaveTakesTurnsAndLeavesOutTheWarmUp(t *testing.T) {
	var order strings.Builder
	does := func(name string, took time.Duration) side {
		return func(context.Context, int) (time.Duration, error) {
			order.WriteString(name)
			return took, nil
		}
	}
	after := 0
	c, err := interleave(t.Context(), pair{
		gantry: does("g", 3*time.Millisecond), direct: does("d", 2*time.Millisecond),
		after: func(context.Context, int) error { after++; return nil },
	}, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if order.String() != "gddggddg" || after != 4 {
		t.Errorf("order %s and %d times after, want gddggddg and 4", order.String(), after)
	}
	if len(c.gantry) != 3 || len(c.direct) != 3 || c.ratio() != 1.5 {
		t.Errorf("%d and %d counted, ratio %v; want 3, 3, 1.5", len(c.gantry), len(c.direct), c.ratio())
	}
}

func TestInterleaveEndsAtTheFirstFailure(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	fails := func(context.Context, int) (time.Duration, error) { calls++; return 0, broken }
	if _, err := interleave(t.Context(), pair{gantry: fails, direct: fails}, 0, 5); !errors.Is(err, broken) || calls != 1 {
		t.Errorf("error %v after %d calls, want %v after 1", err, calls, broken)
	}
}

func TestPercentile(t *testing.T) {
	times := make([]time.Duration, 200)
	for i := range times {
		times[i] = time.Duration(200 - i)
	}
	for n, want := range map[int]time.Duration{50: 100, 99: 198, 100: 200} {
		if got := percentile(times, n); got != want {
			t.Errorf("percentile %d is %d, want %d", n, got, want)
		}
	}
	if got := percentile(times[:1], 99); got != 200 {
		t.Errorf("percentile 99 of one is %d, want 200", got)
	}
}

func TestIrregular(t *testing.T) {
	for name, c := range map[string]struct {
		sorted        []int32
		gaps, doubles int
	}{
		"none":               {nil, 0, 0},
		"in order":           {[]int32{1, 2, 3}, 0, 0},
		"one left out":       {[]int32{1, 3}, 1, 0},
		"the first left out": {[]int32{2}, 1, 0},
		"one twice":          {[]int32{1, 2, 2, 3}, 0, 1},
		"both":               {[]int32{1, 1, 4}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			gaps, doubles := irregular(c.sorted)
			if diff := cmp.Diff([]int{c.gaps, c.doubles}, []int{gaps, doubles}); diff != "" {
				t.Errorf("gaps and doubles (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVerdict(t *testing.T) {
	value := func(v float64) *float64 { return &v }
	for name, c := range map[string]struct {
		result result
		want   string
	}{
		"under":        {result{Value: value(1.2), Limit: 1.3}, "ok"},
		"at the limit": {result{Value: value(0), Limit: 0}, "ok"},
		"over":         {result{Value: value(1.31), Limit: 1.3}, "OVER"},
		"no value":     {result{Limit: 1}, "not measured"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.result.verdict(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestShortfallsAreRowsOverTheirLimitAndNotMeasured(t *testing.T) {
	at := func(v float64) *float64 { return &v }
	for _, test := range []struct {
		name  string
		value *float64
		fails bool
	}{
		{"below", at(1.2), false}, {"at the limit", at(1.3), false}, {"over", at(1.301), true}, {"not measured", nil, true},
	} {
		if err := shortfalls([]result{{Row: "r", Value: test.value, Limit: 1.3}}); (err != nil) != test.fails {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
