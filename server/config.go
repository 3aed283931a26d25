package server

import (
	"errors"
	"fmt"
	"net"
	"time"

	"go.uber.org/zap"
	"k8s.io/client-go/rest"

	"github.com/gantry-ecs/gantry/controllers/task"
	"github.com/gantry-ecs/gantry/kube"
)

// Config is what serve's flags say.
type Config struct {
	REST *rest.Config
	// Listen is host:port of the API.
	Listen string
	// Namespace is Gantry's own.
	Namespace  string
	Namespaces kube.NamespaceMode
	// AllowedHosts are the names under which the API may be called besides
	// localhost and addresses.
	AllowedHosts []string
	// HealthyAfter, InactiveFor and Retention: see the controllers.
	HealthyAfter, InactiveFor time.Duration
	Retention                 task.Retention
	Log                       *zap.Logger
}

func (c Config) validate() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("listen address %q: %w", c.Listen, err)
	}
	if c.Namespace == "" {
		return errors.New("no namespace is named for Gantry itself")
	}
	return c.Namespaces.Validate()
}

// loopback says whether only this machine can call: then any credentials do.
func (c Config) loopback() bool {
	host, _, _ := net.SplitHostPort(c.Listen)
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
