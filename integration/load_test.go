package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
)

// load is constant traffic to one address: some clients keep their connections,
// the others open one for each request.
type load struct {
	mu       sync.Mutex
	answered int
	slowest  time.Duration
	lost     []error
	hosts    map[string]int // who answered
}

const (
	loadClients = 4 // of each kind
	loadEvery   = 20 * time.Millisecond
	// A request is lost that was not answered in so many beats.
	loadBeat  = 100 * time.Millisecond
	loadBeats = 100
)

var errNoAnswer = fmt.Errorf("no answer in %v of running time", loadBeats*loadBeat)

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
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	ticker := time.NewTicker(loadEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// A request that has begun is finished: its end is the server's alone.
		begun := time.Now()
		patience, end := runningTime(context.WithoutCancel(ctx))
		host, err := ask(patience, client, "http://"+address+"/")
		if err != nil {
			err = fmt.Errorf("%s to %s keep-alive %t: %w (%w)\n%s", begun.Format(time.TimeOnly+".000"), time.Now().Format(time.TimeOnly+".000"),
				keep, err, context.Cause(patience), unanswered(address))
		}
		end()
		if !keep {
			// Asked to close, the server would do so first and remember the
			// connection for a minute; the kernel gives the client's port and the
			// translated one away at once, and answers the next connection of the
			// same two ports as if it were the old one.
			transport.CloseIdleConnections()
		}
		l.mu.Lock()
		l.slowest = max(l.slowest, time.Since(begun))
		if err != nil {
			l.lost = append(l.lost, err)
		} else {
			l.answered++
			l.hosts[host]++
		}
		l.mu.Unlock()
	}
}

// runningTime ends a context after loadBeats beats. A ticker does not catch up on
// beats that it missed, so that the time does not count in which the machine stood
// still: a virtual machine does for seconds, and no server could have answered.
func runningTime(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		ticker := time.NewTicker(loadBeat)
		defer ticker.Stop()
		for range loadBeats {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
		cancel(errNoAnswer)
	}()
	return ctx, func() { cancel(nil) }
}

// unanswered tells where the kernel sent connections to an address that nobody
// has answered yet: by the second half of a line the pod, or that no proxy rule
// applied.
func unanswered(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return err.Error()
	}
	flows, err := netlink.ConntrackTableList(netlink.ConntrackTable, netlink.FAMILY_V4)
	if err != nil {
		return "read the connection table: " + err.Error()
	}
	var told []string
	for _, flow := range flows {
		tcp, isTCP := flow.ProtoInfo.(*netlink.ProtoInfoTCP)
		if isTCP && tcp.State == nl.TCP_CONNTRACK_SYN_SENT && flow.Forward.DstIP.String() == host {
			told = append(told, "unanswered: "+flow.String())
		}
	}
	return strings.Join(told, "\n")
}

func ask(ctx context.Context, client *http.Client, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := client.Do(request)
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
	t.Logf("%d requests answered by %d tasks, the slowest after %v; %d lost", l.answered, len(l.hosts), l.slowest, len(l.lost))
	if l.answered < atLeast {
		t.Errorf("%d requests were answered, want at least %d", l.answered, atLeast)
	}
}
