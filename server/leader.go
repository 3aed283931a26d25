package server

import (
	"context"
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"github.com/gantry-ecs/gantry/controllers"
)

const leaseName = "gantry"

// Times of the Lease: another replica takes over 15 seconds after a leader's death.
const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 500 * time.Millisecond
)

// lead runs the leader's controllers whenever this replica has the Lease. Losing
// it ends the term, never the process.
func (s *Server) lead(ctx context.Context, cfg controllers.Config) {
	for ctx.Err() == nil {
		elector, err := s.elector(cfg)
		if err != nil {
			s.cfg.Log.Error("make leader election", zap.Error(err))
			return
		}
		elector.Run(ctx)
	}
}

func (s *Server) elector(cfg controllers.Config) (*leaderelection.LeaderElector, error) {
	clientset, err := kubernetes.NewForConfig(s.cfg.REST)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	return leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: s.cfg.Namespace, Name: leaseName},
			Client:     clientset.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: s.identity()},
		},
		LeaseDuration: leaseDuration, RenewDeadline: renewDeadline, RetryPeriod: retryPeriod,
		ReleaseOnCancel: true, Name: leaseName,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(term context.Context) {
				s.leading.Store(true)
				s.cfg.Log.Info("leading")
				if err := controllers.RunLeading(term, cfg); err != nil {
					s.cfg.Log.Error("run controllers", zap.Error(err))
				}
			},
			OnStoppedLeading: func() {
				s.leading.Store(false)
				s.cfg.Log.Info("not leading")
			},
		},
	})
}

// identity is the same after a restart, so that a killed leader that comes back
// takes its own Lease at once instead of waiting for it to run out. No two
// processes on a host listen on one address.
func (s *Server) identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return host + "_" + s.cfg.Listen
}
