package handlers

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
)

// UpdateCluster changes what is given and leaves the rest (API reference,
// UpdateCluster).
func (h *Handlers) UpdateCluster(ctx context.Context, in *ecs.UpdateClusterInput) (*ecs.UpdateClusterOutput, error) {
	cluster, err := h.updateCluster(ctx, in.Cluster, clusterUpdate{
		settings: in.Settings, configuration: in.Configuration, connectDefaults: in.ServiceConnectDefaults,
	})
	return &ecs.UpdateClusterOutput{Cluster: cluster}, err
}

// UpdateClusterSettings changes settings alone.
func (h *Handlers) UpdateClusterSettings(ctx context.Context, in *ecs.UpdateClusterSettingsInput) (*ecs.UpdateClusterSettingsOutput, error) {
	if len(in.Settings) == 0 {
		return nil, cannotBeEmpty("Settings")
	}
	cluster, err := h.updateCluster(ctx, in.Cluster, clusterUpdate{settings: in.Settings})
	return &ecs.UpdateClusterSettingsOutput{Cluster: cluster}, err
}

// clusterUpdate is what a call changes; what is absent stays.
type clusterUpdate struct {
	settings        []types.ClusterSetting
	configuration   *types.ClusterConfiguration
	connectDefaults *types.ClusterServiceConnectDefaultsRequest
}

func (h *Handlers) updateCluster(ctx context.Context, given *string, u clusterUpdate) (*types.Cluster, error) {
	cluster, err := h.activeCluster(ctx, given)
	if err != nil {
		return nil, err
	}
	if err := checkClusterSettings(u.settings, u.configuration); err != nil {
		return nil, err
	}
	defaults, namespace, err := connectDefaults(cluster.Spec.Identity, u.connectDefaults)
	if err != nil {
		return nil, err
	}
	fields := kube.Fields{}
	if u.connectDefaults != nil {
		fields["connectNamespace"] = namespace
	}
	configuration := completeConfiguration(u.configuration)
	return h.changeCluster(ctx, cluster, fields, func(definition *types.Cluster) error {
		if len(u.settings) > 0 {
			definition.Settings = u.settings
		}
		if u.connectDefaults != nil {
			definition.ServiceConnectDefaults = defaults
		}
		if configuration != nil {
			definition.Configuration = configuration
		}
		return nil
	})
}

// changeCluster writes what change makes of the cluster's definition, and other
// fields of its spec with it, and answers the cluster.
func (h *Handlers) changeCluster(ctx context.Context, cluster *v1alpha1.Cluster, fields kube.Fields, change func(*types.Cluster) error) (*types.Cluster, error) {
	err := changeSpec(ctx, h.store.Clusters, &cluster, clusterNotFound, func(current *v1alpha1.Cluster) (kube.Fields, error) {
		if current.Spec.DeletedAt != nil {
			return nil, clusterNotFound()
		}
		return redefinition(current, fields, change)
	})
	if err != nil {
		return nil, err
	}
	return h.clusterAnswer(cluster, allClusterMembers)
}

// redefinition is what change makes of the definition of the version that was
// looked at, and the fields with it.
func redefinition(cluster *v1alpha1.Cluster, fields kube.Fields, change func(*types.Cluster) error) (kube.Fields, error) {
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
	spec := kube.Fields{"definition": replaced(cluster.Spec.Definition.Raw, data)}
	maps.Copy(spec, fields)
	return spec, nil
}
