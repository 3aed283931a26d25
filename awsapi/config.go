package awsapi

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Config is what the router needs from the program around it.
type Config struct {
	Logger *zap.Logger
	// Verify makes every call prove its signature against Secret. Without it
	// any credentials do, which is for loopback alone.
	Verify bool
	Secret func(ctx context.Context, accessKeyID string) (secret string, ok bool)
	// DefaultAccount is for access keys that name no account, DefaultRegion for
	// calls without a signature.
	DefaultAccount, DefaultRegion string
	// AllowedHosts are the names under which the API may be called, besides
	// localhost and any IP address.
	AllowedHosts []string
	Registry     *prometheus.Registry
	// Ready says why calls cannot be served yet.
	Ready func() error
	// Health is what /health answers as JSON.
	Health func(ctx context.Context) any
}

const (
	defaultAccount = "000000000000"
	defaultRegion  = "us-east-1"
)

func (cfg Config) withDefaults() Config {
	if cfg.Logger == nil {
		cfg.Logger = zap.NewNop()
	}
	if cfg.DefaultAccount == "" {
		cfg.DefaultAccount = defaultAccount
	}
	if cfg.DefaultRegion == "" {
		cfg.DefaultRegion = defaultRegion
	}
	if cfg.Registry == nil {
		cfg.Registry = prometheus.NewRegistry()
	}
	if cfg.Ready == nil {
		cfg.Ready = func() error { return nil }
	}
	if cfg.Health == nil {
		cfg.Health = func(context.Context) any { return map[string]string{"status": "ok"} }
	}
	if cfg.Secret == nil {
		cfg.Secret = func(context.Context, string) (string, bool) { return "", false }
	}
	return cfg
}
