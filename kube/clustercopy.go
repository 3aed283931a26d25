package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// A Cluster object can be deleted behind Gantry's back while services of the
// cluster run. What it said is kept a second time beside them, on the
// ServiceAccount of their tasks: the one object that every mode has in a
// cluster's namespace.

// byClusterCopy files ServiceAccounts under the names of the Cluster objects
// that they have copies of.
const byClusterCopy = "clusterCopy"

func (s *Store) copyPrefix() string { return s.Namespace + v1alpha1.ClusterCopySuffix }

func (s *Store) accountIndexes() map[string]func(*metav1.PartialObjectMetadata) []string {
	return map[string]func(*metav1.PartialObjectMetadata) []string{byClusterCopy: s.CopiedClusters}
}

// CopiedClusters are the names of the Cluster objects that a ServiceAccount has
// copies of.
func (s *Store) CopiedClusters(account *metav1.PartialObjectMetadata) []string {
	var names []string
	for key := range account.Annotations {
		if name, ok := strings.CutPrefix(key, s.copyPrefix()); ok {
			names = append(names, name)
		}
	}
	return names
}

// KeepClusterCopy makes what a cluster needs of its namespace again where it is
// missing, and the copy what the cluster says. An INACTIVE cluster has no copy.
func (s *Store) KeepClusterCopy(ctx context.Context, cluster *v1alpha1.Cluster) error {
	namespace, key := cluster.Spec.Namespace, s.copyPrefix()+cluster.Name
	account, found := s.Accounts.Get(namespace, v1alpha1.TaskServiceAccount)
	if cluster.Spec.DeletedAt != nil {
		if !found || account.Annotations[key] == "" {
			return nil
		}
		return s.annotateAccount(ctx, namespace, key, nil)
	}
	spec, err := json.Marshal(cluster.Spec)
	if err != nil {
		return fmt.Errorf("encode cluster %s: %w", cluster.Spec.Name, err)
	}
	if !found {
		if err := s.Restore(ctx, cluster); err != nil {
			return fmt.Errorf("restore the namespace of cluster %s: %w", cluster.Spec.Name, err)
		}
	}
	if found && account.Annotations[key] == string(spec) {
		return nil
	}
	return s.annotateAccount(ctx, namespace, key, string(spec))
}

func (s *Store) annotateAccount(ctx context.Context, namespace, key string, value any) error {
	account := metadataOf("v1", "ServiceAccount")()
	account.Namespace, account.Name = namespace, v1alpha1.TaskServiceAccount
	_, err := s.Accounts.Patch(ctx, account, Fields{"metadata": Fields{
		"annotations": Fields{key: value},
		"labels":      Fields{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}, // it may be an administrator's
	}})
	return err
}

// RestoreCluster makes a Cluster object again from its copy. It returns nil
// where there is none.
func (s *Store) RestoreCluster(ctx context.Context, name string) (*v1alpha1.Cluster, error) {
	account, ok := s.Accounts.One(byClusterCopy, name)
	if !ok || account.DeletionTimestamp != nil {
		return nil, nil
	}
	cluster := &v1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{
		Namespace: s.Namespace, Name: name, Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy},
	}}
	if err := json.Unmarshal([]byte(account.Annotations[s.copyPrefix()+name]), &cluster.Spec); err != nil {
		return nil, fmt.Errorf("read the copy of cluster %s in namespace %s: %w", name, account.Namespace, err)
	}
	err := s.Clusters.Create(ctx, cluster)
	if apierrors.IsAlreadyExists(err) { // another replica was faster
		live, _, err := s.Clusters.Live(ctx, s.Namespace, name)
		return live, err
	}
	if err != nil {
		return nil, err
	}
	return cluster, nil
}
