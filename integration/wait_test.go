package integration

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const pollEvery = 100 * time.Millisecond

// eventually waits until look is content. reason says what is waited for, look
// what it saw instead.
func eventually(t *testing.T, limit time.Duration, reason string, look func() (ok bool, seen string)) {
	t.Helper()
	began, last := time.Now(), ""
	err := wait.PollUntilContextTimeout(t.Context(), pollEvery, limit, true, func(context.Context) (bool, error) {
		ok, seen := look()
		last = seen
		return ok, nil
	})
	if err != nil {
		t.Fatalf("after %s: %s: have %s", time.Since(began).Round(time.Millisecond), reason, last)
	}
}

// watch looks again and again until the returned function is called, and reports
// the first thing that is wrong.
func watch(t *testing.T, look func() error) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		for ctx.Err() == nil {
			if err := look(); err != nil {
				if ctx.Err() == nil {
					t.Errorf("at %s: %v", time.Now().Format(time.TimeOnly+".000"), err)
				}
				return
			}
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	})
	end = func() {
		cancel()
		wg.Wait()
	}
	t.Cleanup(end)
	return end
}

// rounds is how often a test repeats what is random.
func rounds(few, soak int) int {
	if os.Getenv("GANTRY_SOAK") != "" {
		return soak
	}
	return few
}

func show(v any) string { return fmt.Sprintf("%+v", v) }
