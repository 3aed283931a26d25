package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// errCut is what a client sees of a process that is killed.
var errCut = errors.New("the test cut the connection")

// fate is what happens to a write.
type fate int

const (
	// lost: the write never reaches the API server.
	lost fate = iota
	// unanswered: it is made, and its answer never comes back.
	unanswered
)

func (f fate) String() string { return [...]string{lost: "lost", unanswered: "unanswered"}[f] }

// eachCut runs a test once for each of so many writes and each fate of it.
func eachCut(t *testing.T, writes int, test func(t *testing.T, n int, how fate)) {
	for _, how := range []fate{lost, unanswered} {
		for n := 1; n <= writes; n++ {
			t.Run(fmt.Sprintf("write %d %s", n, how), func(t *testing.T) { test(t, n, how) })
		}
	}
}

// writes counts the writes of a replica and fails one of them. Events are none: they
// are written beside the call, now or later.
type writes struct {
	next http.RoundTripper

	mu    sync.Mutex
	made  int
	fails int // which write from now on; 0 is none
	fate  fate
}

// fail makes the nth write from now on fail.
func (w *writes) fail(n int, f fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.made, w.fails, w.fate = 0, n, f
}

// count is how many writes there were since fail was called.
func (w *writes) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.made
}

// RoundTrip is http.RoundTripper's.
func (w *writes) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet || strings.Contains(request.URL.Path, "/events") {
		return w.next.RoundTrip(request)
	}
	w.mu.Lock()
	w.made++
	fails, f := w.made == w.fails, w.fate
	w.mu.Unlock()
	if fails && f == lost {
		return nil, errCut
	}
	response, err := w.next.RoundTrip(request)
	if err == nil && fails {
		return nil, errors.Join(errCut, response.Body.Close())
	}
	return response, err
}
