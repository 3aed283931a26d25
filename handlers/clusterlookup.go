package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
)

// clusterName reads what a request names a cluster by.
func clusterName(id v1alpha1.Identity, given string) (string, error) {
	ref, ok := arn.Parse(given)
	if !ok {
		return "", clusterNameInvalid(given)
	}
	if ref.IsARN && (ref.Kind != "cluster" || len(ref.Path) != 1) {
		return "", separators()
	}
	if ref.IsARN && (ref.Account != id.Account || ref.Region != id.Region) {
		return "", clusterNotFound()
	}
	if name := ref.Name(); len(ref.Path) == 1 && taskdef.ValidName(name) {
		return name, nil
	}
	return "", clusterNameInvalid(given)
}

// elsewhere says whether a well-formed ARN names another account or region.
func elsewhere(id v1alpha1.Identity, given string) bool {
	ref, ok := arn.Parse(given)
	return ok && ref.IsARN && ref.Kind == "cluster" && len(ref.Path) == 1 && (ref.Account != id.Account || ref.Region != id.Region)
}

// activeCluster finds the ACTIVE cluster that a request names, "default" where
// it names none.
func (h *Handlers) activeCluster(ctx context.Context, given *string) (*v1alpha1.Cluster, error) {
	id := identity(ctx)
	name := defaultCluster
	if aws.ToString(given) != "" {
		var err error
		if name, err = clusterName(id, *given); err != nil {
			return nil, err
		}
	}
	awsapi.Note(ctx, "cluster", name)
	cluster, found, err := h.store.Clusters.Find(ctx, h.store.Namespace, kube.Name(id, name))
	if err != nil {
		return nil, err
	}
	switch {
	case !found:
		return nil, clusterNotFound()
	case cluster.Spec.DeletedAt != nil:
		return nil, clusterInactive()
	}
	if cluster.Spec.Name != name || cluster.Spec.Identity != id {
		return nil, fmt.Errorf("cluster %s has the object name of cluster %s", name, cluster.Spec.Name)
	}
	return cluster, nil
}
