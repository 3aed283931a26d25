package handlers

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// clusterMembers says which optional members an answer has.
type clusterMembers struct{ settings, configuration, statistics, tags bool }

var allClusterMembers = clusterMembers{settings: true, configuration: true, tags: true}

func clusterMembersOf(include []types.ClusterField) (clusterMembers, error) {
	var m clusterMembers
	for _, field := range include {
		switch field {
		case types.ClusterFieldSettings:
			m.settings = true
		case types.ClusterFieldConfigurations:
			m.configuration = true
		case types.ClusterFieldStatistics:
			m.statistics = true
		case types.ClusterFieldTags:
			m.tags = true
		case types.ClusterFieldAttachments: // only Auto Scaling group providers have any
		default:
			return m, oneOf("include", "ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS")
		}
	}
	return m, nil
}

// clusterCounts counts by the state derived from pods and services. DRAINING
// services are not active, but hold the cluster.
type clusterCounts struct {
	running, pending, services, draining int32
	// active are the tasks that have not stopped, those that are stopping too.
	active       int32
	byLaunchType map[types.LaunchType]*clusterCounts
}

func (c *clusterCounts) of(launchType types.LaunchType) *clusterCounts {
	if c.byLaunchType == nil {
		c.byLaunchType = map[types.LaunchType]*clusterCounts{}
	}
	if c.byLaunchType[launchType] == nil {
		c.byLaunchType[launchType] = &clusterCounts{}
	}
	return c.byLaunchType[launchType]
}

func (h *Handlers) clusterCounts(cluster *v1alpha1.Cluster) *clusterCounts {
	counts := &clusterCounts{}
	key := kube.ClusterKey(cluster.Spec.Identity, cluster.Spec.Name)
	for _, pod := range h.store.Pods.By(kube.ByCluster, key) {
		byType, last := counts.of(translator.PodLaunchType(pod)), translator.Observe(pod).LastStatus(false, h.now())
		if _, recorded := h.store.StoppedTasks.One(kube.ByID, kube.TaskID(string(pod.UID))); !recorded && last != translator.StatusStopped {
			counts.active++
		}
		switch last {
		case translator.StatusRunning:
			counts.running++
			byType.running++
		case translator.StatusPending, translator.StatusProvisioning, translator.StatusActivating:
			counts.pending++
			byType.pending++
		}
	}
	for _, svc := range h.store.Services.By(kube.ByCluster, key) {
		byType := counts.of(translator.ServiceLaunchType(svc))
		switch h.serviceStatus(svc) {
		case translator.ServiceActive:
			counts.services++
			byType.services++
		case translator.ServiceDraining:
			counts.draining++
			byType.draining++
		}
	}
	return counts
}

// clusterAnswer makes ECS's Cluster (API reference, Cluster; recorded answers
// have empty lists for what was not included).
func (h *Handlers) clusterAnswer(cluster *v1alpha1.Cluster, members clusterMembers) (*types.Cluster, error) {
	held := types.Cluster{}
	if err := awsjson.Unmarshal(cluster.Spec.Definition.Raw, &held); err != nil {
		return nil, fmt.Errorf("decode cluster %s: %w", cluster.Spec.Name, err)
	}
	counts := &clusterCounts{}
	status := "INACTIVE"
	if cluster.Spec.DeletedAt == nil {
		status, counts = "ACTIVE", h.clusterCounts(cluster)
	}
	answer := &types.Cluster{
		ClusterArn:  aws.String(arn.Cluster(cluster.Spec.Identity, cluster.Spec.Name)),
		ClusterName: aws.String(cluster.Spec.Name), Status: aws.String(status),
		RunningTasksCount: counts.running, PendingTasksCount: counts.pending, ActiveServicesCount: counts.services,
		CapacityProviders:               emptyIfNil(held.CapacityProviders),
		DefaultCapacityProviderStrategy: emptyIfNil(held.DefaultCapacityProviderStrategy),
		ServiceConnectDefaults:          held.ServiceConnectDefaults,
		Settings:                        []types.ClusterSetting{}, Statistics: []types.KeyValuePair{}, Tags: []types.Tag{},
	}
	if members.settings {
		answer.Settings = clusterSettings(held.Settings)
	}
	if members.configuration {
		answer.Configuration = held.Configuration
	}
	if members.statistics {
		answer.Statistics = clusterStatistics(counts)
	}
	if members.tags {
		answer.Tags = emptyIfNil(held.Tags)
	}
	return answer, nil
}

// clusterSettings has containerInsights always: the account setting's value,
// which is disabled unless changed.
func clusterSettings(given []types.ClusterSetting) []types.ClusterSetting {
	if len(given) > 0 {
		return given
	}
	return []types.ClusterSetting{{Name: types.ClusterSettingNameContainerInsights, Value: aws.String("disabled")}}
}

func clusterStatistics(counts *clusterCounts) []types.KeyValuePair {
	ec2, fargate, external := counts.of(types.LaunchTypeEc2), counts.of(types.LaunchTypeFargate), counts.of(types.LaunchTypeExternal)
	var statistics []types.KeyValuePair
	add := func(name string, value int32) {
		statistics = append(statistics, types.KeyValuePair{Name: aws.String(name), Value: aws.String(strconv.Itoa(int(value)))})
	}
	add("runningEC2TasksCount", ec2.running)
	add("runningFargateTasksCount", fargate.running)
	add("pendingEC2TasksCount", ec2.pending)
	add("pendingFargateTasksCount", fargate.pending)
	add("runningExternalTasksCount", external.running)
	add("pendingExternalTasksCount", external.pending)
	add("activeEC2ServiceCount", ec2.services)
	add("activeFargateServiceCount", fargate.services)
	add("drainingEC2ServiceCount", ec2.draining)
	add("drainingFargateServiceCount", fargate.draining)
	add("activeExternalServiceCount", external.services)
	add("drainingExternalServiceCount", external.draining)
	return statistics
}

func emptyIfNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
