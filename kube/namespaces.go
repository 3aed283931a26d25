package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// The namespace modes.
const (
	// CreateNamespaces gives each ECS cluster a namespace of its own.
	CreateNamespaces = "create"
	// ExistingNamespaces takes one of the namespaces given, offered by a label.
	ExistingNamespaces = "existing"
	// SingleNamespace puts all ECS clusters into one namespace.
	SingleNamespace = "single"
)

// NamespaceMode says where ECS clusters are put.
type NamespaceMode struct {
	Mode string
	// Namespaces are those to choose from in the modes existing and single.
	Namespaces []string
}

// Validate says what is wrong with a mode.
func (m NamespaceMode) Validate() error {
	switch m.Mode {
	case CreateNamespaces:
		if len(m.Namespaces) > 0 {
			return errors.New("the namespace mode create takes no namespaces")
		}
	case ExistingNamespaces:
		if len(m.Namespaces) == 0 {
			return errors.New("the namespace mode existing needs at least one namespace")
		}
	case SingleNamespace:
		if len(m.Namespaces) != 1 {
			return errors.New("the namespace mode single needs exactly one namespace")
		}
	default:
		return fmt.Errorf("the namespace mode is %q, not create, existing or single", m.Mode)
	}
	return nil
}

// Place is where a cluster is put.
type Place struct {
	Namespace    string
	Shared, Made bool
}

// Place finds or makes the namespace of a cluster, with the ServiceAccount that
// its tasks run as. It can be called again for the same cluster.
func (m NamespaceMode) Place(ctx context.Context, s *Store, id v1alpha1.Identity, cluster string) (Place, error) {
	place := Place{}
	switch m.Mode {
	case SingleNamespace:
		place = Place{Namespace: m.Namespaces[0], Shared: true}
	case ExistingNamespaces:
		namespace, err := m.offered(ctx, s, cluster)
		if err != nil {
			return Place{}, err
		}
		place = Place{Namespace: namespace, Shared: true}
	default:
		place = Place{Namespace: ClusterNamespace(id, cluster), Made: true}
		if err := makeNamespace(ctx, s.Client, place.Namespace, Name(id, cluster)); err != nil {
			return Place{}, err
		}
	}
	return place, makeTaskAccount(ctx, s.Client, place.Namespace)
}

// Restore makes again what a cluster needs of the namespace that it was given.
func (s *Store) Restore(ctx context.Context, cluster *v1alpha1.Cluster) error {
	if cluster.Spec.MadeNamespace {
		if err := makeNamespace(ctx, s.Client, cluster.Spec.Namespace, cluster.Name); err != nil {
			return err
		}
	}
	return makeTaskAccount(ctx, s.Client, cluster.Spec.Namespace)
}

// makeTaskAccount is done at once: a new namespace refuses pods until its own
// "default" account exists, which takes a controller's time.
func makeTaskAccount(ctx context.Context, c client.Client, namespace string) error {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: v1alpha1.TaskServiceAccount,
		Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy},
	}}
	if err := c.Create(ctx, account); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create service account in %s: %w", namespace, err)
	}
	return nil
}

// offered prefers a namespace whose offer names the cluster over one that is
// offered to any.
func (m NamespaceMode) offered(ctx context.Context, s *Store, cluster string) (string, error) {
	var anyCluster []string
	for _, name := range m.Namespaces {
		namespace := &corev1.Namespace{}
		err := s.Client.Get(ctx, types.NamespacedName{Name: name}, namespace)
		if apierrors.IsForbidden(err) { // the right on namespaces is not needed: the flag offers it
			anyCluster = append(anyCluster, name)
			continue
		}
		if err != nil {
			return "", fmt.Errorf("get namespace %s: %w", name, err)
		}
		switch offer, labelled := namespace.Labels[v1alpha1.NamespaceOfferLabel]; {
		case labelled && offer == cluster:
			return name, nil
		case offer == "":
			anyCluster = append(anyCluster, name)
		}
	}
	if len(anyCluster) == 0 {
		return "", fmt.Errorf("no namespace is offered to cluster %s: label one with %s=%s", cluster, v1alpha1.NamespaceOfferLabel, cluster)
	}
	slices.SortFunc(anyCluster, func(a, b string) int { return clustersIn(s, a) - clustersIn(s, b) })
	return anyCluster[0], nil
}

func clustersIn(s *Store, namespace string) int {
	n := 0
	for _, cluster := range s.Clusters.All() {
		if cluster.Spec.Namespace == namespace && cluster.Spec.DeletedAt == nil {
			n++
		}
	}
	return n
}

func makeNamespace(ctx context.Context, c client.Client, name, cluster string) error {
	labels := map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy, v1alpha1.ClusterLabel: cluster}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
	err := c.Create(ctx, namespace)
	if err == nil {
		return nil
	}
	if !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create namespace %s: %w", name, err)
	}
	if err := c.Get(ctx, types.NamespacedName{Name: name}, namespace); err != nil {
		return fmt.Errorf("get namespace %s: %w", name, err)
	}
	if namespace.DeletionTimestamp != nil {
		return fmt.Errorf("the namespace %s is being removed", name)
	}
	if namespace.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedBy {
		return fmt.Errorf("the namespace %s exists and is not Gantry's", name)
	}
	return nil
}
