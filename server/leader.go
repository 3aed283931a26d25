package server

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/gantry-ecs/gantry/controllers"
	"github.com/gantry-ecs/gantry/kube"
)

const leaseName = "gantry"

// Times of the Lease: another replica takes over 15 seconds after a leader's death.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 500 * time.Millisecond
)

// lead runs the leader's controllers whenever this replica has the Lease. Losing
// it ends the term, never the process; the next term begins when all of the one
// before has ended.
func (s *Server) lead(ctx context.Context, cfg controllers.Config) {
	clientset, err := kubernetes.NewForConfig(s.cfg.REST)
	if err != nil {
		s.cfg.Log.Error("make client for leader election", zap.Error(err))
		return
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := s.term(ctx, clientset, cfg); err != nil {
			s.cfg.Log.Error("lead", zap.Error(err))
		}
	}, retryPeriod)
}

// term waits for the Lease and leads until the Lease is lost, a controller fails
// or the context ends. It gives the Lease back after the controllers have ended.
func (s *Server) term(ctx context.Context, clientset kubernetes.Interface, cfg controllers.Config) error {
	electing, giveBack := context.WithCancel(context.WithoutCancel(ctx))
	defer giveBack()
	working, lost := context.WithCancel(ctx)
	defer lost()
	var led atomic.Bool
	ended := make(chan error, 1)
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: newHeldLock(&resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: s.cfg.Namespace, Name: leaseName},
			Client:     clientset.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: s.identity()},
		}, lost),
		LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod,
		ReleaseOnCancel: true, Name: leaseName,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(held context.Context) {
				led.Store(true)
				defer giveBack()
				work, stop := context.WithCancel(held)
				defer stop()
				defer context.AfterFunc(working, stop)()
				s.leading.Store(true)
				s.cfg.Log.Info("leading")
				ended <- controllers.RunLeading(work, cfg)
				s.leading.Store(false)
				s.cfg.Log.Info("not leading")
			},
			OnStoppedLeading: func() {},
		},
	})
	if err != nil {
		return fmt.Errorf("make leader election: %w", err)
	}
	defer context.AfterFunc(ctx, func() {
		if !led.Load() {
			giveBack()
		}
	})()
	elector.Run(electing)
	if led.Load() {
		return <-ended
	}
	return nil
}

// identity is the same after a restart, so that a killed leader that comes back
// takes its own Lease at once instead of waiting for it to run out. No two
// processes on a host listen on one address; hosts of one image differ by their
// machine id, containers by their names.
func (s *Server) identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	machine, _ := os.ReadFile("/etc/machine-id") // not everywhere
	return host + "_" + s.address + "_" + kube.Hash(string(machine))[:8]
}
