package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/util/retry"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
)

// UpdateCluster changes what is given and leaves the rest (API reference,
// UpdateCluster).
func (h *Handlers) UpdateCluster(ctx context.Context, in *ecs.UpdateClusterInput) (*ecs.UpdateClusterOutput, error) {
	if err := checkConnectDefaults(in.ServiceConnectDefaults); err != nil {
		return nil, err
	}
	cluster, err := h.updateCluster(ctx, in.Cluster, in.Settings, in.Configuration)
	return &ecs.UpdateClusterOutput{Cluster: cluster}, err
}

// UpdateClusterSettings changes settings alone.
func (h *Handlers) UpdateClusterSettings(ctx context.Context, in *ecs.UpdateClusterSettingsInput) (*ecs.UpdateClusterSettingsOutput, error) {
	if len(in.Settings) == 0 {
		return nil, cannotBeEmpty("Settings")
	}
	cluster, err := h.updateCluster(ctx, in.Cluster, in.Settings, nil)
	return &ecs.UpdateClusterSettingsOutput{Cluster: cluster}, err
}

func (h *Handlers) updateCluster(ctx context.Context, given *string, settings []types.ClusterSetting, configuration *types.ClusterConfiguration) (*types.Cluster, error) {
	cluster, err := h.activeCluster(ctx, given)
	if err != nil {
		return nil, err
	}
	if err := checkClusterSettings(settings, configuration); err != nil {
		return nil, err
	}
	configuration = completeConfiguration(configuration)
	return h.changeCluster(ctx, cluster, func(definition *types.Cluster) error {
		if len(settings) > 0 {
			definition.Settings = settings
		}
		if configuration != nil {
			definition.Configuration = configuration
		}
		return nil
	})
}

// changeCluster writes what change makes of the cluster's definition, and answers
// the cluster; where it has changed meanwhile, it is looked at again.
func (h *Handlers) changeCluster(ctx context.Context, cluster *v1alpha1.Cluster, change func(*types.Cluster) error) (*types.Cluster, error) {
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		changed, err := h.redefineCluster(ctx, cluster, change)
		if err == nil {
			cluster = changed
		}
		if !apierrors.IsConflict(err) {
			return err
		}
		live, found, liveErr := h.store.Clusters.Live(ctx, cluster.Namespace, cluster.Name)
		if liveErr != nil {
			return liveErr
		}
		if !found || live.Spec.DeletedAt != nil {
			return clusterNotFound()
		}
		cluster = live
		return err
	})
	if err != nil {
		return nil, fromKubernetes(err)
	}
	return h.clusterAnswer(cluster, allClusterMembers)
}

// redefineCluster writes what change makes of the definition of the version that
// was looked at.
func (h *Handlers) redefineCluster(ctx context.Context, cluster *v1alpha1.Cluster, change func(*types.Cluster) error) (*v1alpha1.Cluster, error) {
	definition := types.Cluster{}
	if err := awsjson.Unmarshal(cluster.Spec.Definition.Raw, &definition); err != nil {
		return nil, fmt.Errorf("decode cluster %s: %w", cluster.Spec.Name, err)
	}
	if err := change(&definition); err != nil {
		return nil, err
	}
	data, err := awsjson.Marshal(&definition)
	if err != nil {
		return nil, fmt.Errorf("encode cluster %s: %w", cluster.Spec.Name, err)
	}
	return h.store.Clusters.Patch(ctx, cluster, kube.Fields{"spec": kube.Fields{
		"definition": replaced(cluster.Spec.Definition.Raw, data),
	}})
}
