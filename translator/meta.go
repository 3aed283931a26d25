package translator

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// PodMeta is what a task's pod says besides its spec.
type PodMeta struct {
	Identity v1alpha1.Identity
	// Cluster is the exact ECS name, ClusterObject the name of its object.
	Cluster, ClusterObject string
	// FamilyObject is the label value that stands for the family.
	FamilyObject string
	// Task is the part of ECS's Task that never changes; StaticTask makes it.
	Task types.Task
	// Family is the exact ECS family.
	Family string
	// Definition is what the essential containers and health checks are taken from.
	Definition *types.TaskDefinition
	// Group is the GroupLabel of a standalone task; empty in a service.
	Group string
	// PlacementStrategy is that of the call or the service.
	PlacementStrategy []types.PlacementStrategy
	// CapacityProviderStrategy is that of the service.
	CapacityProviderStrategy []types.CapacityProviderStrategyItem
	// Service is the exact ECS name, ServiceObject its object's; empty for a standalone task.
	Service, ServiceObject string
	// Daemon is the exact ECS name of the task's daemon, DaemonObject its object's.
	Daemon, DaemonObject string
	// Routes lead to the service's tasks; Routing is what they were made of.
	Routes  []Route
	Routing Routing
}

// RenderPodMeta makes the labels, annotations and finalizer of a task's pod. The
// deployment's number is not among them: the same revision can run again.
func RenderPodMeta(m PodMeta) (metav1.ObjectMeta, error) {
	task, err := awsjson.Marshal(&m.Task)
	if err != nil {
		return metav1.ObjectMeta{}, fmt.Errorf("encode task: %w", err)
	}
	meta := metav1.ObjectMeta{
		Labels: map[string]string{
			v1alpha1.ManagedByLabel: v1alpha1.ManagedBy,
			v1alpha1.ClusterLabel:   m.ClusterObject,
			v1alpha1.FamilyLabel:    m.FamilyObject,
		},
		Annotations: map[string]string{
			v1alpha1.FamilyAnnotation:     m.Family,
			v1alpha1.LaunchTypeAnnotation: string(m.Task.LaunchType),
			v1alpha1.TaskAnnotation:       string(task),
			v1alpha1.ContainersAnnotation: strings.Join(containersOf(m.Definition), ","),
			v1alpha1.EssentialAnnotation:  strings.Join(essentialContainers(m.Definition), ","),
		},
		Finalizers: []string{v1alpha1.TaskFinalizer},
	}
	maps.Copy(meta.Annotations, clusterAnnotations(m.Identity, m.Cluster))
	set := func(to map[string]string, key, value string) {
		if value != "" {
			to[key] = value
		}
	}
	set(meta.Labels, v1alpha1.ServiceLabel, m.ServiceObject)
	set(meta.Labels, v1alpha1.DaemonLabel, m.DaemonObject)
	set(meta.Labels, v1alpha1.GroupLabel, m.Group)
	if packs(m.PlacementStrategy) {
		meta.Labels[v1alpha1.PackedLabel] = "true"
	}
	set(meta.Annotations, v1alpha1.DaemonAnnotation, m.Daemon)
	set(meta.Annotations, v1alpha1.ServiceAnnotation, m.Service)
	set(meta.Annotations, v1alpha1.ServiceObjectAnnotation, m.ServiceObject)
	set(meta.Annotations, v1alpha1.ProvidersAnnotation, providersOf(m.CapacityProviderStrategy))
	set(meta.Annotations, v1alpha1.StartedByAnnotation, aws.ToString(m.Task.StartedBy))
	set(meta.Annotations, v1alpha1.HealthCheckedAnnotation, healthCheckWindows(m.Definition))
	set(meta.Annotations, v1alpha1.RestartPeriodsAnnotation, restartPeriods(m.Definition))
	set(meta.Annotations, v1alpha1.SuccessDependenciesAnnotation, successDependencies(m.Definition))
	set(meta.Annotations, v1alpha1.SecretsAnnotation, secretNames(m.Definition, m.Task.Overrides))
	return meta, renderRoutes(meta.Labels, meta.Annotations, m.Routes, m.Routing)
}

// clusterAnnotations say which cluster's a task is.
func clusterAnnotations(id v1alpha1.Identity, cluster string) map[string]string {
	return map[string]string{
		v1alpha1.AccountAnnotation: id.Account,
		v1alpha1.RegionAnnotation:  id.Region,
		v1alpha1.ClusterAnnotation: cluster,
	}
}

// NamesCluster says whether a pod has all the annotations that say which cluster's
// task it is.
func NamesCluster(pod *corev1.Pod) bool {
	id := v1alpha1.IdentityIn(pod.Annotations)
	return id.Account != "" && id.Region != "" && pod.Annotations[v1alpha1.ClusterAnnotation] != ""
}

// InCluster is a task's pod with those annotations of a cluster's that it lacks.
func InCluster(pod *corev1.Pod, cluster *v1alpha1.Cluster) *corev1.Pod {
	named := pod.DeepCopy()
	if named.Annotations == nil {
		named.Annotations = map[string]string{}
	}
	for key, value := range clusterAnnotations(cluster.Spec.Identity, cluster.Spec.Name) {
		if named.Annotations[key] == "" {
			named.Annotations[key] = value
		}
	}
	return named
}

// MarkCall marks a standalone task's pod with the call that made it. Token and
// requestHash are empty where the caller gave no clientToken.
func MarkCall(pod *corev1.Pod, token, requestHash string, createdAt time.Time) {
	if token != "" {
		pod.Labels[v1alpha1.TokenLabel] = token
		pod.Annotations[v1alpha1.RequestHashAnnotation] = requestHash
	}
	pod.Annotations[v1alpha1.CreatedAtAnnotation] = FormatTime(createdAt)
}

// FormatTime and ParseTime are the form of times in annotations.
func FormatTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ParseTime returns false for what is no time.
func ParseTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

func containersOf(def *types.TaskDefinition) []string {
	names := make([]string, len(def.ContainerDefinitions))
	for i, c := range def.ContainerDefinitions {
		names[i] = aws.ToString(c.Name)
	}
	return names
}

func essentialContainers(def *types.TaskDefinition) []string {
	var names []string
	for _, c := range def.ContainerDefinitions {
		if c.Essential == nil || *c.Essential {
			names = append(names, aws.ToString(c.Name))
		}
	}
	return names
}

// healthCheckWindows says for each essential container with a health check how
// many seconds it may take to become healthy: startPeriod + retries × interval.
// A container that is not essential gets no probe and so no entry.
func healthCheckWindows(def *types.TaskDefinition) string {
	var windows []string
	for _, c := range def.ContainerDefinitions {
		if c.HealthCheck == nil || (c.Essential != nil && !*c.Essential) {
			continue
		}
		window := orDefault(c.HealthCheck.StartPeriod, 0) +
			orDefault(c.HealthCheck.Retries, 3)*orDefault(c.HealthCheck.Interval, 30)
		windows = append(windows, fmt.Sprintf("%s=%d", aws.ToString(c.Name), window))
	}
	return strings.Join(windows, ",")
}

// secretNames maps the Secrets that the containers read to the AWS names that
// they stand for, so that a missing one can be named as ECS names it.
func secretNames(def *types.TaskDefinition, overrides *types.TaskOverride) string {
	names := map[string]string{}
	for _, c := range def.ContainerDefinitions {
		for _, secret := range c.Secrets {
			name, _ := SecretName(aws.ToString(secret.ValueFrom))
			names[name] = aws.ToString(secret.ValueFrom)
		}
		for _, file := range environmentFilesOf(c, overrides) {
			name, _ := EnvironmentFileName(aws.ToString(file.Value))
			names[name] = aws.ToString(file.Value)
		}
	}
	if len(names) == 0 {
		return ""
	}
	data, _ := json.Marshal(names) // strings always encode
	return string(data)
}

func orDefault(value *int32, fallback int32) int32 {
	if value == nil {
		return fallback
	}
	return *value
}
