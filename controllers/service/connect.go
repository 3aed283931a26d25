package service

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// endpointLimit is how long a deployment waits for endpoints of services that
// are there: a controller makes them within milliseconds.
const endpointLimit = 10 * time.Second

// connectNames are the names of Service Connect's endpoints for the tasks of a
// new deployment: those of all services of the namespace that are there.
func (c *Controller) connectNames(w *world, d *deployment, revision *v1alpha1.ServiceRevision) ([]corev1.HostAlias, error) {
	namespace, err := translator.ConnectNamespace(revision)
	if err != nil || namespace == "" {
		return nil, err
	}
	if w.now.Sub(d.entry.RequestedAt.Time) < endpointLimit {
		for _, svc := range c.Store.Services.By(kube.ByConnect, namespace) {
			if missing := c.missingEndpoint(svc); missing != "" {
				return nil, fmt.Errorf("service %s/%s waits for %s: %w", svc.Namespace, svc.Name, missing, errAwaited)
			}
		}
	}
	return translator.ConnectAliases(c.Store.Routes.By(kube.ByConnect, namespace)), nil
}

// missingEndpoint is the name of a Service that the service will have.
func (c *Controller) missingEndpoint(svc *v1alpha1.ECSService) string {
	if svc.Spec.DeletedAt != nil || svc.DeletionTimestamp != nil {
		return ""
	}
	for _, name := range svc.Spec.Connect.Services {
		if _, found := c.Store.Routes.Get(svc.Namespace, name); !found {
			return name
		}
	}
	return ""
}

// earlierAddress is where a name led in the tasks that run: a Service that is
// made again gets the address that they know.
func (w *world) earlierAddress(name string) string {
	for _, d := range w.deployments {
		if d.object == nil {
			continue
		}
		for _, alias := range d.object.Spec.Template.Spec.HostAliases {
			if len(alias.Hostnames) == 1 && alias.Hostnames[0] == name {
				return alias.IP
			}
		}
	}
	return ""
}
