package main

import (
	"fmt"
	"os"

	"github.com/go-logr/zapr"
	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gantry-ecs/gantry/controllers/service"
	"github.com/gantry-ecs/gantry/controllers/task"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/server"
)

const (
	defaultListen = "127.0.0.1:4566"
	// listenVariable is set in the image, where serve and health must agree.
	listenVariable   = "GANTRY_LISTEN"
	defaultNamespace = "gantry-system"
)

// namespaceFlags say where ECS clusters are put; serve and rbac share them.
type namespaceFlags struct {
	own        string
	mode       string
	namespaces []string
}

func (f *namespaceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.own, "namespace", defaultNamespace, "Gantry's own namespace")
	cmd.Flags().StringVar(&f.mode, "namespaces", kube.CreateNamespaces, "where ECS clusters are put: create (a namespace each), existing (one of those given), single (all in the one given)")
	cmd.Flags().StringArrayVar(&f.namespaces, "cluster-namespace", nil, "a namespace for ECS clusters, in the modes existing and single; can be given again")
}

func (f *namespaceFlags) namespaceMode() kube.NamespaceMode {
	return kube.NamespaceMode{Mode: f.mode, Namespaces: f.namespaces}
}

func newServeCommand() *cobra.Command {
	var (
		namespaces namespaceFlags
		cfg        = server.Config{Retention: task.DefaultRetention()}
		kubeconfig string
		debug      bool
	)
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the ECS API on a Kubernetes cluster",
		Long: "Serve the ECS API on the cluster of a kubeconfig, or on the one that this process runs in.\n" +
			"On loopback any credentials do; elsewhere every call's signature is verified against the\n" +
			"Secret " + server.AccessKeysSecret + " in Gantry's namespace.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := newLogger(debug)
			if err != nil {
				return err
			}
			defer func() { _ = log.Sync() }() // a terminal cannot be synced, and says so
			cfg.Log = log
			setLibraryLoggers(log)
			cfg.Namespace, cfg.Namespaces = namespaces.own, namespaces.namespaceMode()
			if cfg.REST, err = restConfig(kubeconfig); err != nil {
				return err
			}
			return server.Run(cmd.Context(), cfg)
		},
	}
	namespaces.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "the cluster's kubeconfig; without one, the cluster that this process runs in")
	flags.StringVar(&cfg.Listen, "listen", listenAddress(), "host:port of the API; $"+listenVariable+" where it is set")
	flags.StringArrayVar(&cfg.AllowedHosts, "allowed-host", nil, "a host name under which the API may be called; can be given again")
	flags.DurationVar(&cfg.HealthyAfter, "healthy-after", service.DefaultHealthyAfter, "how long a task without a health check runs before it counts as healthy")
	flags.DurationVar(&cfg.InactiveFor, "inactive-for", service.DefaultInactiveFor, "how long a deleted service stays to be described")
	flags.DurationVar(&cfg.Retention.Service, "keep-stopped", cfg.Retention.Service, "how long stopped tasks are described")
	flags.DurationVar(&cfg.Retention.Token, "keep-tokens", cfg.Retention.Token, "how long tasks run with a clientToken are described")
	flags.DurationVar(&cfg.Retention.Pods, "keep-pods", cfg.Retention.Pods, "how long ended pods stay for their logs")
	flags.BoolVar(&debug, "debug", false, "log more")
	return cmd
}

// setLibraryLoggers makes Kubernetes' libraries log as this program does. They
// have one logger a process.
func setLibraryLoggers(log *zap.Logger) {
	logger := zapr.NewLogger(log)
	ctrllog.SetLogger(logger)
	klog.SetLogger(logger)
}

func listenAddress() string {
	if address := os.Getenv(listenVariable); address != "" {
		return address
	}
	return defaultListen
}

func newLogger(debug bool) (*zap.Logger, error) {
	cfg := zap.NewProductionConfig()
	if debug {
		cfg.Level = zap.NewAtomicLevelAt(zap.DebugLevel)
	}
	cfg.DisableStacktrace = true
	log, err := cfg.Build(zap.WrapCore(func(core zapcore.Core) zapcore.Core { return lazyCore{core} }))
	if err != nil {
		return nil, fmt.Errorf("make logger: %w", err)
	}
	return log, nil
}

// lazyCore encodes the fields of a logger when it first writes a line. Every
// reconciliation makes a logger of its own, and most write none.
type lazyCore struct{ zapcore.Core }

func (c lazyCore) With(fields []zapcore.Field) zapcore.Core {
	return lazyCore{zapcore.NewLazyWith(c.Core, fields)}
}

func restConfig(kubeconfig string) (*rest.Config, error) {
	if kubeconfig == "" {
		cfg, err := rest.InClusterConfig()
		if err != nil {
			return nil, fmt.Errorf("no --kubeconfig was given and this is no pod: %w", err)
		}
		return cfg, nil
	}
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig %s: %w", kubeconfig, err)
	}
	return cfg, nil
}
