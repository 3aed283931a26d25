package server

import (
	"context"
	"time"
)

// health is what /health says: what is up.
type health struct {
	Status string `json:"status"`
	// Kubernetes is "up", or why its API server does not answer.
	Kubernetes string `json:"kubernetes"`
	// Watches says whether all collections were filled once.
	Watches bool `json:"watches"`
	Leading bool `json:"leading"`
	// Nodes says whether nodes can be seen: container instances, lost nodes.
	Nodes         bool   `json:"nodes"`
	NamespaceMode string `json:"namespaceMode"`
	Since         string `json:"since"`
}

func (s *Server) health(ctx context.Context) any {
	h := health{
		Status: "ok", Kubernetes: "up", Watches: s.store.Synced(), Leading: s.leading.Load(),
		Nodes: s.store.WatchesNodes(), NamespaceMode: s.cfg.Namespaces.Mode,
		Since: s.started.UTC().Format(time.RFC3339),
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := s.reachable(ctx); err != nil {
		h.Status, h.Kubernetes = "degraded", "does not answer"
	}
	if err := s.ready(); err != nil {
		h.Status = err.Error()
	}
	return h
}
