package server

import (
	"context"
	"errors"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// findings are what the cluster has and can do.
type findings struct {
	capabilities translator.Capabilities
	wide         bool // what has no namespace can be seen
}

// preflight refuses to start where the kinds or the rights are missing, and says
// which; and finds out what the API server can hold.
func preflight(ctx context.Context, cfg Config) (findings, error) {
	clientset, err := kubernetes.NewForConfig(cfg.REST)
	if err != nil {
		return findings{}, fmt.Errorf("make client: %w", err)
	}
	if err := awaitKinds(ctx, clientset.Discovery()); err != nil {
		return findings{}, err
	}
	if err := checkRights(ctx, clientset, cfg); err != nil {
		return findings{}, err
	}
	if err := ensureNamespace(ctx, clientset, cfg); err != nil {
		return findings{}, err
	}
	capabilities, err := findCapabilities(ctx, clientset, cfg)
	return findings{capabilities: capabilities, wide: cfg.Namespaces.Mode == kube.CreateNamespaces}, err
}

func checkRights(ctx context.Context, client kubernetes.Interface, cfg Config) error {
	var missing []string
	check := func(namespace string, rules []rbacv1.PolicyRule) error {
		for _, r := range rules {
			lacks, err := lacking(ctx, client, namespace, r)
			if err != nil {
				return err
			}
			missing = append(missing, lacks...)
		}
		return nil
	}
	err := errors.Join(check(cfg.Namespace, ownRules()), check("", wideRules(cfg.Namespaces)))
	namespaces := cfg.Namespaces.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	for _, namespace := range namespaces {
		err = errors.Join(err, check(namespace, clusterRules()))
	}
	if err != nil {
		return fmt.Errorf("ask the API server for Gantry's rights: %w", err)
	}
	if len(missing) > 0 {
		return fmt.Errorf("rights are missing: %s: run `gantry rbac` with the same namespace flags and apply what it prints", strings.Join(missing, "; "))
	}
	return nil
}

func lacking(ctx context.Context, client kubernetes.Interface, namespace string, r rbacv1.PolicyRule) ([]string, error) {
	var missing []string
	for _, resource := range r.Resources {
		name, subresource, _ := strings.Cut(resource, "/")
		for _, verb := range r.Verbs {
			review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
				Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
					Namespace: namespace, Verb: verb, Group: r.APIGroups[0], Resource: name, Subresource: subresource,
				}},
			}, metav1.CreateOptions{})
			if err != nil {
				return nil, fmt.Errorf("review %s %s: %w", verb, resource, err)
			}
			if !review.Status.Allowed {
				where := namespace
				if where == "" {
					where = "all namespaces"
				}
				missing = append(missing, fmt.Sprintf("%s %s in %s", verb, resource, where))
			}
		}
	}
	return missing, nil
}

// ensureNamespace makes Gantry's own namespace where it may.
func ensureNamespace(ctx context.Context, client kubernetes.Interface, cfg Config) error {
	if cfg.Namespaces.Mode != kube.CreateNamespaces {
		return nil
	}
	_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: cfg.Namespace}}, metav1.CreateOptions{})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create namespace %s: %w", cfg.Namespace, err)
	}
	return nil
}
