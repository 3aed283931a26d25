package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// CreateDaemon commits with one object, which has the pod template in it.
func (h *Handlers) CreateDaemon(ctx context.Context, in *ecs.CreateDaemonInput) (*ecs.CreateDaemonOutput, error) {
	cluster, err := h.activeCluster(ctx, in.ClusterArn)
	if err != nil {
		return nil, err
	}
	if err := checkCreateDaemon(in); err != nil {
		return nil, err
	}
	request := *in
	request.ClientToken = nil
	token, hash, err := creationIdentity(cluster, &request, in.ClientToken)
	if err != nil {
		return nil, err
	}
	old, err := h.findDaemon(ctx, cluster, *in.DaemonName)
	if err != nil {
		return nil, err
	}
	if old != nil {
		return h.sameDaemon(old, token, hash)
	}
	entry, err := h.daemonEntry(ctx, cluster, daemonRequest{
		name: *in.DaemonName, definition: in.DaemonTaskDefinitionArn, providers: in.CapacityProviderArns, critical: in.Critical,
		configuration: in.DeploymentConfiguration, managedTags: in.EnableECSManagedTags, executeCommand: in.EnableExecuteCommand,
		propagate: in.PropagateTags, tags: in.Tags,
	})
	if err != nil {
		return nil, err
	}
	tags, err := encodeTags(in.Tags)
	if err != nil {
		return nil, err
	}
	entry.Number = 1
	return h.commitDaemon(ctx, cluster, v1alpha1.DaemonSpec{
		Identity: cluster.Spec.Identity, Cluster: cluster.Spec.Name, Name: *in.DaemonName, CreatedAt: entry.RequestedAt,
		Tags: tags, Token: token, RequestHash: hash, LastDeployment: 1, Deployments: []v1alpha1.DaemonDeploymentEntry{entry},
	})
}

// sameDaemon answers the daemon that the same call has made before.
func (h *Handlers) sameDaemon(d *v1alpha1.Daemon, token, hash string) (*ecs.CreateDaemonOutput, error) {
	switch {
	case d.Spec.DeletedAt != nil:
		return nil, daemonBeingDeleted()
	case token == "" || d.Spec.Token != token || d.Spec.RequestHash != hash:
		return nil, daemonNotIdempotent()
	}
	return h.createdDaemon(d), nil
}

func (h *Handlers) createdDaemon(d *v1alpha1.Daemon) *ecs.CreateDaemonOutput {
	view := h.daemonView(d)
	return &ecs.CreateDaemonOutput{
		CreatedAt: aws.Time(d.Spec.CreatedAt.Time), DaemonArn: view.ARN(), DeploymentArn: view.DeploymentARN(view.Newest().Number), Status: view.Status(),
	}
}

func (h *Handlers) commitDaemon(ctx context.Context, cluster *v1alpha1.Cluster, spec v1alpha1.DaemonSpec) (*ecs.CreateDaemonOutput, error) {
	object := kube.DaemonName(cluster, spec.Name)
	d := &v1alpha1.Daemon{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: cluster.Spec.Namespace, Name: object,
			Labels: map[string]string{
				v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ClusterLabel: cluster.Name, v1alpha1.DaemonLabel: object,
			},
		},
		Spec: spec,
	}
	err := h.store.Daemons.Create(ctx, d)
	if !apierrors.IsAlreadyExists(err) {
		if err != nil {
			return nil, fromKubernetes(err)
		}
		return h.createdDaemon(d), nil
	}
	live, found, err := h.store.Daemons.Live(ctx, d.Namespace, d.Name)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("daemon %s exists and does not: it was removed meanwhile", spec.Name)
	}
	return h.sameDaemon(live, spec.Token, spec.RequestHash) // another call made it meanwhile
}

// UpdateDaemon adds a deployment, of a new revision. One that is under way is
// superseded; the last that was successful stays, to go back to.
func (h *Handlers) UpdateDaemon(ctx context.Context, in *ecs.UpdateDaemonInput) (*ecs.UpdateDaemonOutput, error) {
	cluster, d, err := h.daemonOf(ctx, aws.ToString(in.DaemonArn))
	if err != nil {
		return nil, err
	}
	if err := checkUpdateDaemon(in); err != nil {
		return nil, err
	}
	tags, err := decodeTags(d.Spec.Tags)
	if err != nil {
		return nil, fmt.Errorf("decode tags of daemon %s: %w", d.Name, err)
	}
	entry, err := h.daemonEntry(ctx, cluster, daemonRequest{
		name: d.Spec.Name, definition: in.DaemonTaskDefinitionArn, providers: in.CapacityProviderArns, critical: in.Critical,
		configuration: in.DeploymentConfiguration, managedTags: in.EnableECSManagedTags, executeCommand: in.EnableExecuteCommand,
		propagate: in.PropagateTags, tags: tags,
	})
	if err != nil {
		return nil, err
	}
	err = h.changeDaemon(ctx, &d, func(current *v1alpha1.Daemon) (kube.Fields, error) {
		if current.Spec.DeletedAt != nil {
			return nil, daemonNotActive()
		}
		return withDeployment(current, entry), nil
	})
	if err != nil {
		return nil, err
	}
	view := h.daemonView(d)
	newest := view.Newest()
	return &ecs.UpdateDaemonOutput{
		CreatedAt: aws.Time(d.Spec.CreatedAt.Time), UpdatedAt: aws.Time(newest.RequestedAt.Time),
		DaemonArn: view.ARN(), DeploymentArn: view.DeploymentARN(newest.Number), Status: view.Status(),
	}, nil
}

// DeleteDaemon adds the deployment that ends the daemon: its tasks stop, then it
// is gone.
func (h *Handlers) DeleteDaemon(ctx context.Context, in *ecs.DeleteDaemonInput) (*ecs.DeleteDaemonOutput, error) {
	_, d, err := h.daemonOf(ctx, aws.ToString(in.DaemonArn))
	if err != nil {
		return nil, err
	}
	now := metav1.NewMicroTime(h.now())
	err = h.changeDaemon(ctx, &d, func(current *v1alpha1.Daemon) (kube.Fields, error) {
		if current.Spec.DeletedAt != nil {
			return nil, daemonDeletionOngoing()
		}
		last := translator.DaemonView{Daemon: current}.Newest()
		change := withDeployment(current, v1alpha1.DaemonDeploymentEntry{
			RequestedAt: now, CapacityProviders: last.CapacityProviders, Configuration: last.Configuration,
		})
		change["deletedAt"] = now
		return change, nil
	})
	if err != nil {
		return nil, err
	}
	view := h.daemonView(d)
	return &ecs.DeleteDaemonOutput{
		CreatedAt: aws.Time(d.Spec.CreatedAt.Time), UpdatedAt: aws.Time(now.Time),
		DaemonArn: view.ARN(), DeploymentArn: view.DeploymentARN(view.Newest().Number), Status: types.DaemonStatusDeleteInProgress,
	}, nil
}

// withDeployment are the members of the spec with one deployment more.
func withDeployment(d *v1alpha1.Daemon, entry v1alpha1.DaemonDeploymentEntry) kube.Fields {
	entry.Number = d.Spec.LastDeployment + 1
	kept := []v1alpha1.DaemonDeploymentEntry{}
	for _, old := range d.Spec.Deployments {
		if old.Number == d.Status.Completed {
			kept = append(kept, old)
		}
	}
	return kube.Fields{"lastDeployment": entry.Number, "deployments": append(kept, entry)}
}
