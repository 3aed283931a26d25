package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
)

const defaultCluster = "default"

// CreateCluster makes a cluster, or answers the one there is if the request
// agrees with it (API reference, CreateCluster).
func (h *Handlers) CreateCluster(ctx context.Context, in *ecs.CreateClusterInput) (*ecs.CreateClusterOutput, error) {
	name := defaultCluster
	if in.ClusterName != nil {
		name = *in.ClusterName
	}
	awsapi.Note(ctx, "cluster", name)
	if !taskdef.ValidName(name) {
		return nil, clusterNameInvalid(name)
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return nil, err
	}
	id := identity(ctx)
	defaults, namespace, err := connectDefaults(id, in.ServiceConnectDefaults)
	if err != nil {
		return nil, err
	}
	definition, err := clusterDefinition(in, defaults)
	if err != nil {
		return nil, err
	}
	existing, found, err := h.store.Clusters.Find(ctx, h.store.Namespace, kube.Name(id, name))
	if err != nil {
		return nil, err
	}
	if !found { // its object may have been deleted a moment ago, while its services run
		if existing, err = h.store.RestoreCluster(ctx, kube.Name(id, name)); err != nil {
			return nil, err
		}
		found = existing != nil
	}
	if found && existing.Spec.DeletedAt == nil {
		return h.sameCluster(ctx, existing, definition)
	}
	if found && existing.Annotations[v1alpha1.RemovingAnnotation] != "" {
		return nil, fmt.Errorf("cluster %s is being removed", name)
	}
	data, err := h.newDefinition(ctx, definition)
	if err != nil {
		return nil, fmt.Errorf("define cluster %s: %w", name, err)
	}
	wanted := &newCluster{Identity: id, name: name, given: definition, definition: data, connectNamespace: namespace}
	if found {
		return h.reviveCluster(ctx, existing, wanted)
	}
	return h.makeCluster(ctx, wanted)
}

// newCluster is what a CreateCluster call wants to be there.
type newCluster struct {
	v1alpha1.Identity
	name string
	// given is what the call says; definition is that with what it leaves to defaults.
	given            *types.Cluster
	definition       []byte
	connectNamespace string
}

// clusterDefinition keeps what CreateCluster was given.
func clusterDefinition(in *ecs.CreateClusterInput, defaults *types.ClusterServiceConnectDefaults) (*types.Cluster, error) {
	if err := checkClusterSettings(in.Settings, in.Configuration); err != nil {
		return nil, err
	}
	if err := checkProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	return &types.Cluster{
		ServiceConnectDefaults: defaults,
		CapacityProviders:      once(in.CapacityProviders), DefaultCapacityProviderStrategy: in.DefaultCapacityProviderStrategy,
		Configuration: completeConfiguration(in.Configuration), Settings: in.Settings, Tags: in.Tags,
	}, nil
}

// newDefinition encodes what a new cluster keeps. Without settings it has the
// account's (API reference, ClusterSetting), as they are now.
func (h *Handlers) newDefinition(ctx context.Context, given *types.Cluster) ([]byte, error) {
	definition := *given
	if len(definition.Settings) == 0 {
		held, err := h.settings(ctx)
		if err != nil {
			return nil, err
		}
		insights, err := settingNamed(types.SettingNameContainerInsights)
		if err != nil {
			return nil, err
		}
		definition.Settings = []types.ClusterSetting{{
			Name:  types.ClusterSettingNameContainerInsights,
			Value: held.effective(arn.Root(identity(ctx)), insights).Value,
		}}
	}
	return awsjson.Marshal(&definition)
}

// sameCluster answers the existing cluster if the members that were given agree
// with it. Which members ECS compares is not documented; tags are not compared here.
func (h *Handlers) sameCluster(ctx context.Context, existing *v1alpha1.Cluster, given *types.Cluster) (*ecs.CreateClusterOutput, error) {
	held := types.Cluster{}
	if err := awsjson.Unmarshal(existing.Spec.Definition.Raw, &held); err != nil {
		return nil, fmt.Errorf("decode cluster %s: %w", existing.Spec.Name, err)
	}
	wanted := *given
	wanted.Tags, held.Tags = nil, nil
	if len(wanted.Settings) == 0 {
		held.Settings = nil // the account's value may have changed since
	} else {
		held.Settings = clusterSettings(held.Settings)
	}
	wantedJSON, err := awsjson.Marshal(&wanted)
	if err != nil {
		return nil, fmt.Errorf("encode cluster: %w", err)
	}
	heldJSON, err := awsjson.Marshal(&held)
	if err != nil {
		return nil, fmt.Errorf("encode cluster: %w", err)
	}
	if string(wantedJSON) != string(heldJSON) {
		return nil, clusterInconsistent()
	}
	if err := h.store.Restore(ctx, existing); err != nil { // somebody may have deleted the namespace
		return nil, fmt.Errorf("restore the namespace of cluster %s: %w", existing.Spec.Name, err)
	}
	cluster, err := h.clusterAnswer(existing, allClusterMembers)
	return &ecs.CreateClusterOutput{Cluster: cluster}, err
}

// makeCluster writes the namespace and what tasks need in it, then the Cluster:
// the commit.
func (h *Handlers) makeCluster(ctx context.Context, wanted *newCluster) (*ecs.CreateClusterOutput, error) {
	place, err := h.namespaces.Place(ctx, h.store, wanted.Identity, wanted.name)
	if err != nil {
		return nil, fmt.Errorf("find a namespace for cluster %s: %w", wanted.name, err)
	}
	cluster := &v1alpha1.Cluster{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: h.store.Namespace, Name: kube.Name(wanted.Identity, wanted.name),
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy},
		},
		Spec: v1alpha1.ClusterSpec{
			Identity: wanted.Identity, Name: wanted.name, Namespace: place.Namespace, Shared: place.Shared, MadeNamespace: place.Made,
			CreatedAt: metav1.NewMicroTime(h.now()), ConnectNamespace: wanted.connectNamespace, Definition: runtime.RawExtension{Raw: wanted.definition},
		},
	}
	err = h.store.Clusters.Create(ctx, cluster)
	if apierrors.IsAlreadyExists(err) { // another call made it meanwhile
		live, found, err := h.store.Clusters.Live(ctx, h.store.Namespace, cluster.Name)
		switch {
		case err != nil:
			return nil, err
		case !found || live.Spec.DeletedAt != nil:
			return nil, fmt.Errorf("cluster %s was made and deleted meanwhile", wanted.name)
		}
		return h.sameCluster(ctx, live, wanted.given)
	}
	if err != nil {
		return nil, err
	}
	answer, err := h.clusterAnswer(cluster, allClusterMembers)
	return &ecs.CreateClusterOutput{Cluster: answer}, err
}

// reviveCluster makes an INACTIVE cluster ACTIVE again (API reference,
// DescribeTasks: its old tasks are not in the new one).
func (h *Handlers) reviveCluster(ctx context.Context, old *v1alpha1.Cluster, wanted *newCluster) (*ecs.CreateClusterOutput, error) {
	if err := h.store.Restore(ctx, old); err != nil {
		return nil, fmt.Errorf("restore the namespace of cluster %s: %w", old.Spec.Name, err)
	}
	cluster, err := h.store.Clusters.Patch(ctx, old, kube.Fields{"spec": kube.Fields{
		"createdAt": metav1.NewMicroTime(h.now()), "deletedAt": nil, "connectNamespace": wanted.connectNamespace,
		"definition": replaced(old.Spec.Definition.Raw, wanted.definition),
	}})
	if apierrors.IsNotFound(err) { // removed, which the watch has yet to show
		return h.makeCluster(ctx, wanted)
	}
	if err != nil {
		return nil, err
	}
	answer, err := h.clusterAnswer(cluster, allClusterMembers)
	return &ecs.CreateClusterOutput{Cluster: answer}, err
}

// DescribeClusters answers the named clusters, "default" where none is named
// (API reference, DescribeClusters). INACTIVE ones are answered too.
func (h *Handlers) DescribeClusters(ctx context.Context, in *ecs.DescribeClustersInput) (*ecs.DescribeClustersOutput, error) {
	names := in.Clusters
	if len(names) == 0 {
		names = []string{defaultCluster}
	}
	if len(names) > 100 {
		return nil, atMost("clusters", 100)
	}
	members, err := clusterMembersOf(in.Include)
	if err != nil {
		return nil, err
	}
	out := &ecs.DescribeClustersOutput{Clusters: []types.Cluster{}, Failures: []types.Failure{}}
	id := identity(ctx)
	for _, given := range once(names) {
		if given == "" {
			return nil, invalidParameter("Clusters can not be blank.")
		}
		if elsewhere(id, given) { // nobody sees another's: it is not there
			out.Failures = append(out.Failures, failure(given, reasonMissing))
			continue
		}
		name, err := clusterName(id, given)
		if err != nil {
			return nil, err
		}
		cluster, found, err := h.store.Clusters.Find(ctx, h.store.Namespace, kube.Name(id, name))
		if err != nil {
			return nil, err
		}
		if !found || cluster.Spec.Name != name || cluster.Spec.Identity != id {
			out.Failures = append(out.Failures, failure(arn.Cluster(id, name), reasonMissing))
			continue
		}
		answer, err := h.clusterAnswer(cluster, members)
		if err != nil {
			return nil, err
		}
		out.Clusters = append(out.Clusters, *answer)
	}
	return out, nil
}

// ListClusters answers the ARNs of the ACTIVE clusters, by name.
func (h *Handlers) ListClusters(ctx context.Context, in *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
	id := identity(ctx)
	names := []string{}
	for _, cluster := range h.store.Clusters.By(kube.ByIdentity, kube.IdentityKey(id)) {
		if cluster.Spec.DeletedAt == nil {
			names = append(names, cluster.Spec.Name)
		}
	}
	names, next, err := page("clusters", names, false, in.MaxResults, in.NextToken, maxPage)
	if err != nil {
		return nil, err
	}
	arns := make([]string, len(names))
	for i, name := range names {
		arns[i] = arn.Cluster(id, name)
	}
	return &ecs.ListClustersOutput{ClusterArns: arns, NextToken: next}, nil
}

// DeleteCluster marks the cluster INACTIVE; one with services or tasks is
// refused, in that order.
func (h *Handlers) DeleteCluster(ctx context.Context, in *ecs.DeleteClusterInput) (*ecs.DeleteClusterOutput, error) {
	cluster, err := h.activeCluster(ctx, in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := h.emptyCluster(ctx, cluster); err != nil {
		return nil, err
	}
	deletedAt := func(cluster *v1alpha1.Cluster, at any) (*v1alpha1.Cluster, error) {
		return h.store.Clusters.Patch(ctx, cluster, kube.Fields{"spec": kube.Fields{"deletedAt": at}})
	}
	deleted, err := deletedAt(cluster, metav1.NewMicroTime(h.now()))
	if err != nil {
		return nil, fromKubernetes(err)
	}
	// A call that had seen the cluster ACTIVE may have made something in it meanwhile.
	if err := h.emptyCluster(ctx, deleted); err != nil {
		if _, undone := deletedAt(deleted, nil); undone != nil {
			return nil, fmt.Errorf("undo the deletion of cluster %s: %w", cluster.Spec.Name, undone)
		}
		return nil, err
	}
	answer, err := h.clusterAnswer(deleted, clusterMembers{settings: true, tags: true})
	return &ecs.DeleteClusterOutput{Cluster: answer}, err
}

// emptyCluster refuses a cluster that holds anything now.
func (h *Handlers) emptyCluster(ctx context.Context, cluster *v1alpha1.Cluster) error {
	if err := h.store.RefreshCluster(ctx, cluster); err != nil {
		return err
	}
	counts := h.clusterCounts(cluster)
	if counts.services+counts.draining > 0 {
		return clusterContainsServices()
	}
	// A task is active until it is STOPPED: Terraform, whose services are INACTIVE
	// while their last tasks stop, has to try again for minutes. What ECS says of a
	// daemon is not documented; it is there for its tasks.
	if counts.active > 0 || len(h.daemonsIn(cluster)) > 0 {
		return clusterContainsTasks()
	}
	return nil
}
