package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"

	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/controllers"
	"github.com/gantry-ecs/gantry/handlers"
	"github.com/gantry-ecs/gantry/kube"
)

// drain is how long calls may take to end after SIGTERM.
const drain = 10 * time.Second

// Server is one replica of Gantry.
type Server struct {
	cfg     Config
	store   *kube.Store
	started time.Time
	address string // where it listens
	// stopping makes readyz false; leading says whether this replica has the Lease.
	stopping, leading atomic.Bool
}

// Run serves until the context ends, then drains. It refuses to start where
// something that it needs is missing, and says what.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	cfg.REST = rest.CopyConfig(cfg.REST)
	cfg.REST.QPS = -1 // client-go's five calls a second would stretch the preflight to a quarter of a minute
	found, err := preflight(ctx, cfg)
	if err != nil {
		return err
	}
	store, err := kube.NewStore(kube.Config{
		REST: cfg.REST, Namespace: cfg.Namespace, Namespaces: cfg.Namespaces.Namespaces, Wide: found.wide,
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s := &Server{cfg: cfg, store: store, started: time.Now()}
	ecs, scaling := awsapi.NewECS(), awsapi.NewAutoScaling()
	handlers.New(handlers.Config{
		Store: store, Namespaces: cfg.Namespaces, Capabilities: found.capabilities,
		Architecture: architecture(), Now: time.Now,
	}).Register(ecs, scaling)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	s.address = listener.Addr().String()
	return s.serve(ctx, listener, awsapi.NewRouter(s.routerConfig(), ecs, scaling))
}

// liveHeap is what the last garbage collection left: how much memory the objects
// of the cluster take, whatever the collector allows itself besides.
var liveHeap = collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/gc/heap/live:bytes$`)}

func (s *Server) routerConfig() awsapi.Config {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(liveHeap)), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	keys := newAccessKeys(s.store.Client, s.cfg.Namespace)
	return awsapi.Config{
		Logger: s.cfg.Log, Verify: !s.cfg.loopback(), Secret: keys.secret,
		DefaultAccount: kube.DefaultAccount, DefaultRegion: kube.DefaultRegion,
		AllowedHosts: s.cfg.AllowedHosts, Registry: registry, Ready: s.ready, Filled: s.awaitSync, Health: s.health,
	}
}

// serve runs everything that this replica does. Records are written until the
// last call has been answered; the leader's term ends first.
func (s *Server) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	background, stopBackground := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBackground()
	s.store.Start(background)
	web := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		WriteTimeout: 2 * time.Minute, // a caller that reads no answer would hold it for ever; a call itself is given up much sooner
	}
	failed := make(chan error, 2)
	go func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve %s: %w", listener.Addr(), err)
		}
	}()
	s.cfg.Log.Info("listening", zap.String("address", listener.Addr().String()), zap.Bool("verifiesSignatures", !s.cfg.loopback()))
	var wg sync.WaitGroup
	term, endTerm := context.WithCancel(ctx)
	defer endTerm()
	wg.Go(func() { s.control(background, term, failed) })
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		s.cfg.Log.Info("draining")
	}
	s.stopping.Store(true)
	grace, cancel := context.WithTimeout(background, drain)
	defer cancel()
	err = errors.Join(err, web.Shutdown(grace))
	endTerm()
	stopBackground()
	wg.Wait()
	return err
}

// control waits for the collections to fill, then runs the controllers.
func (s *Server) control(background, term context.Context, failed chan<- error) {
	if s.awaitSync(background) != nil {
		return // it ends
	}
	s.cfg.Log.Info("synced", zap.Duration("after", time.Since(s.started)))
	cfg := controllers.Config{
		Store: s.store, Log: s.cfg.Log, Now: time.Now,
		Retention: s.cfg.Retention, HealthyAfter: s.cfg.HealthyAfter, InactiveFor: s.cfg.InactiveFor,
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := controllers.RunEverywhere(background, cfg); err != nil {
			failed <- err
		}
	})
	wg.Go(func() { s.lead(term, cfg) })
	wg.Wait()
}

// awaitSync waits until the collections hold what there is.
func (s *Server) awaitSync(ctx context.Context) error {
	if s.store.Synced() {
		return nil
	}
	err := wait.PollUntilContextCancel(ctx, 5*time.Millisecond, true, func(context.Context) (bool, error) { return s.store.Synced(), nil })
	if err != nil {
		return fmt.Errorf("wait until the watches have shown everything: %w", err)
	}
	return nil
}

func (s *Server) ready() error {
	if s.stopping.Load() {
		return errors.New("stopping")
	}
	if !s.store.Synced() {
		return errors.New("the watches have not shown everything yet")
	}
	return nil
}

func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
