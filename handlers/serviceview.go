package handlers

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// serviceName reads what a request names a service by: a name, or an ARN in the
// long or the short form.
func serviceName(cluster *v1alpha1.Cluster, given string) (string, error) {
	name, err := nameIn(cluster, "service", given)
	if err != nil {
		return "", err
	}
	if !taskdef.ValidName(name) {
		return "", serviceNameInvalid(name)
	}
	return name, nil
}

// findService finds a service in any state; nil where there is none.
func (h *Handlers) findService(ctx context.Context, cluster *v1alpha1.Cluster, name string) (*v1alpha1.ECSService, error) {
	svc, found, err := h.store.Services.Find(ctx, cluster.Spec.Namespace, kube.ServiceName(cluster, name))
	if err != nil || !found {
		return nil, err
	}
	if svc.DeletionTimestamp != nil || svc.Spec.Name != name || svc.Spec.Cluster != cluster.Spec.Name || svc.Spec.Identity != cluster.Spec.Identity ||
		svc.Spec.CreatedAt.Time.Before(cluster.Spec.CreatedAt.Time) {
		return nil, nil //nolint:nilnil // another cluster's, or of an earlier incarnation of this one
	}
	return svc, nil
}

// service finds a service in any state; none is ECS's error.
func (h *Handlers) service(ctx context.Context, cluster *v1alpha1.Cluster, name string) (*v1alpha1.ECSService, error) {
	svc, err := h.findService(ctx, cluster, name)
	if err == nil && svc == nil {
		err = serviceNotFound()
	}
	return svc, err
}

// namedService finds what a request names, as service does.
func (h *Handlers) namedService(ctx context.Context, cluster *v1alpha1.Cluster, given *string) (*v1alpha1.ECSService, error) {
	name, err := serviceName(cluster, aws.ToString(given))
	if err != nil {
		return nil, err
	}
	return h.service(ctx, cluster, name)
}

func (h *Handlers) serviceStatus(svc *v1alpha1.ECSService) string {
	return translator.ServiceView{Service: svc, Deployments: h.store.DeploymentsOf(svc), Pods: h.store.PodsOf(svc)}.Status()
}

// serviceAnswer makes ECS's Service of what is known of it here.
func (h *Handlers) serviceAnswer(ctx context.Context, svc *v1alpha1.ECSService) (*types.Service, error) {
	return h.answerAfter(ctx, svc, svc.Spec.LastDeployment)
}

// answerAfter is serviceAnswer for the call that has made the deployments with numbers
// above last: none of them has begun, whatever the leader has done by now.
func (h *Handlers) answerAfter(ctx context.Context, svc *v1alpha1.ECSService, last int64) (*types.Service, error) {
	view, err := h.serviceView(ctx, svc)
	if err != nil {
		return nil, err
	}
	if svc.Spec.LastDeployment > last {
		view.Rollouts = slices.DeleteFunc(slices.Clone(view.Rollouts), func(rollout *v1alpha1.ServiceDeployment) bool { return rollout.Spec.Number > last })
		view.Pods = slices.DeleteFunc(slices.Clone(view.Pods), func(pod *corev1.Pod) bool {
			number, numbered := translator.DeploymentNumber(pod)
			return numbered && number > last
		})
	}
	answer, err := translator.ServiceFrom(view)
	return &answer, err
}

func (h *Handlers) serviceView(ctx context.Context, svc *v1alpha1.ECSService) (translator.ServiceView, error) {
	view := translator.ServiceView{
		Service: svc, Deployments: h.store.DeploymentsOf(svc), Pods: h.store.PodsOf(svc), Revisions: map[string]*v1alpha1.ServiceRevision{},
		Rollouts: h.store.RolloutsOf(svc),
		IDs:      serviceIDs(svc),
	}
	for _, entry := range svc.Spec.Deployments {
		revision, found, err := h.store.Revisions.Find(ctx, svc.Namespace, entry.Revision)
		if err != nil {
			return view, err
		}
		if found {
			view.Revisions[entry.Revision] = revision
		}
	}
	return view, nil
}

func serviceIDs(svc *v1alpha1.ECSService) translator.ServiceIDs {
	return translator.ServiceIDs{
		Deployment:        func(number int64) string { return kube.DeploymentID(svc.UID, number) },
		ServiceDeployment: func(number int64) string { return kube.ServiceDeploymentID(svc.UID, number) },
		Revision:          func(number int64) string { return kube.RevisionID(svc.UID, number) },
	}
}
