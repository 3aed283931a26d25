package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// load is constant traffic to one address: some clients keep their connections,
// the others open one for each request.
type load struct {
	mu       sync.Mutex
	answered int
	lost     []error
	hosts    map[string]int // who answered
}

const (
	loadClients = 4 // of each kind
	loadEvery   = 20 * time.Millisecond
)

// startLoad asks until end is called. Requests are GETs: a client may send one
// again where its kept connection was closed while idle, as Go's does.
func startLoad(t *testing.T, address string) (l *load, end func()) {
	t.Helper()
	l = &load{hosts: map[string]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range loadClients {
		for _, keep := range []bool{true, false} {
			wg.Go(func() { l.run(ctx, address, keep) })
		}
	}
	return l, sync.OnceFunc(func() {
		cancel()
		wg.Wait()
	})
}

func (l *load) run(ctx context.Context, address string, keep bool) {
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	transport := &http.Transport{DisableKeepAlives: !keep, DialContext: dialer.DialContext}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	ticker := time.NewTicker(loadEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// A request that has begun is finished: its end is the server's alone.
		host, err := ask(client, "http://"+address+"/")
		l.mu.Lock()
		if err != nil {
			l.lost = append(l.lost, fmt.Errorf("%s keep-alive %t: %w", time.Now().Format(time.TimeOnly+".000"), keep, err))
		} else {
			l.answered++
			l.hosts[host]++
		}
		l.mu.Unlock()
	}
}

func ask(client *http.Client, url string) (string, error) {
	answer, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return string(body), err
}

// check wants no request lost, and enough that something was tried.
func (l *load) check(t *testing.T, atLeast int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, err := range l.lost {
		if i == 10 {
			break
		}
		t.Errorf("lost: %v", err)
	}
	t.Logf("%d requests answered by %d tasks, %d lost", l.answered, len(l.hosts), len(l.lost))
	if l.answered < atLeast {
		t.Errorf("%d requests were answered, want at least %d", l.answered, atLeast)
	}
}
