package server

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/translator"
)

// findCapabilities asks the API server to take a pod without making it, and
// looks at what it kept: an older one drops fields that it does not know in
// silence. Where it takes no pod at all, its version tells.
func findCapabilities(ctx context.Context, client kubernetes.Interface, cfg Config) (translator.Capabilities, error) {
	namespace := cfg.Namespace
	if len(cfg.Namespaces.Namespaces) > 0 {
		namespace = cfg.Namespaces.Namespaces[0]
	}
	var kept *corev1.Pod
	// A namespace made a moment ago takes no pods until its default account is there.
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 3*time.Second, true, func(ctx context.Context) (bool, error) {
		var err error
		kept, err = client.CoreV1().Pods(namespace).Create(ctx, probePod(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err == nil, nil
	})
	if err != nil {
		if ctx.Err() != nil {
			return translator.Capabilities{}, ctx.Err()
		}
		return capabilitiesByVersion(client)
	}
	return translator.Capabilities{
		PodLevelResources:     kept.Spec.Resources != nil,
		ContainerRestartRules: kept.Spec.Containers[0].RestartPolicy != nil,
	}, nil
}

func probePod() *corev1.Pod {
	never := corev1.ContainerRestartPolicyNever
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "gantry-capabilities", Labels: map[string]string{v1alpha1.ManagedByLabel: "probe"}},
		Spec: corev1.PodSpec{
			Resources:  &corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1m")}},
			Containers: []corev1.Container{{Name: "probe", Image: "probe", RestartPolicy: &never}},
		},
	}
}

// capabilitiesByVersion: pod-level resources and container restart rules are on
// by default from Kubernetes 1.34 and 1.35.
func capabilitiesByVersion(client kubernetes.Interface) (translator.Capabilities, error) {
	info, err := client.Discovery().ServerVersion()
	if err != nil {
		return translator.Capabilities{}, fmt.Errorf("ask the API server for its version: %w", err)
	}
	minor, err := strconv.Atoi(strings.TrimSuffix(info.Minor, "+"))
	if err != nil {
		return translator.Capabilities{}, fmt.Errorf("read the API server's version %s.%s: %w", info.Major, info.Minor, err)
	}
	return translator.Capabilities{PodLevelResources: minor >= 34, ContainerRestartRules: minor >= 35}, nil
}

// reachable is nil when the API server answers.
func (s *Server) reachable(ctx context.Context) error {
	_, _, err := s.store.Clusters.Live(ctx, s.cfg.Namespace, "health")
	return err
}
