package awsapi

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

// Config is what the router needs from the program around it.
type Config struct {
	Logger *zap.Logger
	// Verify makes every call prove its signature against Secret. Without it
	// any credentials do, which is for loopback alone.
	Verify bool
	// Secret is the secret access key of an access key id, if there is one. An
	// error says that it cannot be known now, and is the caller's fault in nothing.
	Secret func(ctx context.Context, accessKeyID string) (secret string, found bool, err error)
	// DefaultAccount is for access keys that name no account, DefaultRegion for
	// calls without a signature.
	DefaultAccount, DefaultRegion string
	// AllowedHosts are the names under which the API may be called, besides
	// localhost and any IP address.
	AllowedHosts []string
	Registry     *prometheus.Registry
	// CallTimeout is when a call is given up that waits for something behind it.
	CallTimeout time.Duration
	// Ready says why /readyz sends callers elsewhere.
	Ready func() error
	// Filled waits until there is what calls are answered from: before that there
	// would seem to be nothing. An error says that it has not come in time.
	Filled func(ctx context.Context) error
	// Health is what /health answers as JSON.
	Health func(ctx context.Context) any
}

const (
	defaultAccount = "000000000000"
	defaultRegion  = "us-east-1"
	// defaultCallTimeout is below the time for which clients wait for the first
	// byte, so that they get an answer, and may try again as they do after a
	// ServerException: 60 s in the AWS CLI and boto3 (botocore's DEFAULT_TIMEOUT),
	// 30 s in the SDK for Java (socket timeout). Go's and JavaScript's SDKs wait
	// for ever.
	defaultCallTimeout = 20 * time.Second
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
	if cfg.CallTimeout == 0 {
		cfg.CallTimeout = defaultCallTimeout
	}
	if cfg.Ready == nil {
		cfg.Ready = func() error { return nil }
	}
	if cfg.Filled == nil {
		cfg.Filled = func(context.Context) error { return nil }
	}
	if cfg.Health == nil {
		cfg.Health = func(context.Context) any { return map[string]string{"status": "ok"} }
	}
	if cfg.Secret == nil {
		cfg.Secret = func(context.Context, string) (string, bool, error) { return "", false, nil }
	}
	return cfg
}
