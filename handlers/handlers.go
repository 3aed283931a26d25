package handlers

import (
	"context"
	"time"

	utilcache "k8s.io/apimachinery/pkg/util/cache"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// Handlers holds what the operations need.
type Handlers struct {
	store        *kube.Store
	namespaces   kube.NamespaceMode
	capabilities translator.Capabilities
	architecture string
	now          func() time.Time
	families     keyedMutex
	definitions  *utilcache.LRUExpireCache // by UID
	taskPods     *utilcache.LRUExpireCache // by taskPodKey
	staticTasks  *utilcache.LRUExpireCache // by annotation
	ledger       *ledger
}

// Config is what New takes.
type Config struct {
	Store        *kube.Store
	Namespaces   kube.NamespaceMode
	Capabilities translator.Capabilities
	// Architecture is that of the nodes, in ECS's words: x86_64 or arm64.
	Architecture string
	// Now is the clock.
	Now func() time.Time
}

// New makes the handlers.
func New(cfg Config) *Handlers {
	h := &Handlers{
		store: cfg.Store, namespaces: cfg.Namespaces, capabilities: cfg.Capabilities,
		architecture: cfg.Architecture, now: cfg.Now,
		definitions: utilcache.NewLRUExpireCache(keptDefinitions),
		taskPods:    utilcache.NewLRUExpireCache(keptTaskPods),
		staticTasks: utilcache.NewLRUExpireCache(keptStaticTasks),
	}
	if h.store != nil { // without one the operations can be listed
		h.ledger = newLedger(h.store)
	}
	return h
}

// Register serves the operations on the two services.
func (h *Handlers) Register(ecs, scaling *awsapi.Service) {
	ecs.OnMissing(missingMember)
	ecs.RequirePlain("UpdateTaskProtection", "protectionEnabled") // alone among the operations that are served

	awsapi.Handle(ecs, "CreateCluster", h.CreateCluster)
	awsapi.Handle(ecs, "DescribeClusters", h.DescribeClusters)
	awsapi.Handle(ecs, "ListClusters", h.ListClusters)
	awsapi.Handle(ecs, "UpdateCluster", h.UpdateCluster)
	awsapi.Handle(ecs, "UpdateClusterSettings", h.UpdateClusterSettings)
	awsapi.Handle(ecs, "PutClusterCapacityProviders", h.PutClusterCapacityProviders)
	awsapi.Handle(ecs, "DeleteCluster", h.DeleteCluster)

	awsapi.Handle(ecs, "RegisterTaskDefinition", h.RegisterTaskDefinition)
	awsapi.Handle(ecs, "DescribeTaskDefinition", h.DescribeTaskDefinition)
	awsapi.Handle(ecs, "ListTaskDefinitions", h.ListTaskDefinitions)
	awsapi.Handle(ecs, "ListTaskDefinitionFamilies", h.ListTaskDefinitionFamilies)
	awsapi.Handle(ecs, "DeregisterTaskDefinition", h.DeregisterTaskDefinition)
	awsapi.Handle(ecs, "DeleteTaskDefinitions", h.DeleteTaskDefinitions)

	awsapi.Handle(ecs, "RegisterDaemonTaskDefinition", h.RegisterDaemonTaskDefinition)
	awsapi.Handle(ecs, "DescribeDaemonTaskDefinition", h.DescribeDaemonTaskDefinition)
	awsapi.Handle(ecs, "ListDaemonTaskDefinitions", h.ListDaemonTaskDefinitions)
	awsapi.Handle(ecs, "DeleteDaemonTaskDefinition", h.DeleteDaemonTaskDefinition)

	awsapi.Handle(ecs, "CreateDaemon", h.CreateDaemon)
	awsapi.Handle(ecs, "DescribeDaemon", h.DescribeDaemon)
	awsapi.Handle(ecs, "ListDaemons", h.ListDaemons)
	awsapi.Handle(ecs, "UpdateDaemon", h.UpdateDaemon)
	awsapi.Handle(ecs, "DeleteDaemon", h.DeleteDaemon)
	awsapi.Handle(ecs, "DescribeDaemonDeployments", h.DescribeDaemonDeployments)
	awsapi.Handle(ecs, "ListDaemonDeployments", h.ListDaemonDeployments)
	awsapi.Handle(ecs, "DescribeDaemonRevisions", h.DescribeDaemonRevisions)

	awsapi.Handle(ecs, "RunTask", h.RunTask)
	awsapi.Handle(ecs, "StartTask", h.StartTask)
	awsapi.Handle(ecs, "DescribeTasks", h.DescribeTasks)
	awsapi.Handle(ecs, "ListTasks", h.ListTasks)
	awsapi.Handle(ecs, "StopTask", h.StopTask)
	awsapi.Handle(ecs, "UpdateTaskProtection", h.UpdateTaskProtection)
	awsapi.Handle(ecs, "GetTaskProtection", h.GetTaskProtection)

	awsapi.Handle(ecs, "ListAccountSettings", h.ListAccountSettings)
	awsapi.Handle(ecs, "PutAccountSetting", h.PutAccountSetting)
	awsapi.Handle(ecs, "PutAccountSettingDefault", h.PutAccountSettingDefault)
	awsapi.Handle(ecs, "DeleteAccountSetting", h.DeleteAccountSetting)

	awsapi.Handle(ecs, "TagResource", h.TagResource)
	awsapi.Handle(ecs, "UntagResource", h.UntagResource)
	awsapi.Handle(ecs, "ListTagsForResource", h.ListTagsForResource)

	awsapi.Handle(ecs, "CreateService", h.CreateService)
	awsapi.Handle(ecs, "DescribeServices", h.DescribeServices)
	awsapi.Handle(ecs, "DescribeServiceDeployments", h.DescribeServiceDeployments)
	awsapi.Handle(ecs, "ListServiceDeployments", h.ListServiceDeployments)
	awsapi.Handle(ecs, "DescribeServiceRevisions", h.DescribeServiceRevisions)
	awsapi.Handle(ecs, "StopServiceDeployment", h.StopServiceDeployment)
	awsapi.Handle(ecs, "ContinueServiceDeployment", h.ContinueServiceDeployment)
	awsapi.Handle(ecs, "ListServices", h.ListServices)
	awsapi.Handle(ecs, "ListServicesByNamespace", h.ListServicesByNamespace)
	awsapi.Handle(ecs, "UpdateService", h.UpdateService)
	awsapi.Handle(ecs, "DeleteService", h.DeleteService)

	awsapi.Handle(ecs, "CreateTaskSet", h.CreateTaskSet)
	awsapi.Handle(ecs, "DescribeTaskSets", h.DescribeTaskSets)
	awsapi.Handle(ecs, "UpdateTaskSet", h.UpdateTaskSet)
	awsapi.Handle(ecs, "UpdateServicePrimaryTaskSet", h.UpdateServicePrimaryTaskSet)
	awsapi.Handle(ecs, "DeleteTaskSet", h.DeleteTaskSet)

	awsapi.Handle(ecs, "CreateExpressGatewayService", h.CreateExpressGatewayService)
	awsapi.Handle(ecs, "DescribeExpressGatewayService", h.DescribeExpressGatewayService)
	awsapi.Handle(ecs, "UpdateExpressGatewayService", h.UpdateExpressGatewayService)
	awsapi.Handle(ecs, "DeleteExpressGatewayService", h.DeleteExpressGatewayService)

	awsapi.Handle(scaling, "RegisterScalableTarget", h.RegisterScalableTarget)
	awsapi.Handle(scaling, "DescribeScalableTargets", h.DescribeScalableTargets)
	awsapi.Handle(scaling, "DeregisterScalableTarget", h.DeregisterScalableTarget)
	awsapi.Handle(scaling, "PutScalingPolicy", h.PutScalingPolicy)
	awsapi.Handle(scaling, "DescribeScalingPolicies", h.DescribeScalingPolicies)
	awsapi.Handle(scaling, "DeleteScalingPolicy", h.DeleteScalingPolicy)
	awsapi.Handle(scaling, "DescribeScalingActivities", h.DescribeScalingActivities)
	awsapi.Handle(scaling, "ListTagsForResource", h.ListScalingTags)
	awsapi.Handle(scaling, "TagResource", h.TagScalableTarget)
	awsapi.Handle(scaling, "UntagResource", h.UntagScalableTarget)
}

func identity(ctx context.Context) v1alpha1.Identity {
	caller := awsapi.CallerFrom(ctx)
	return v1alpha1.Identity{Account: caller.Account, Region: caller.Region}
}
