package kube

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Config says which cluster to use and which part of it.
type Config struct {
	REST *rest.Config
	// Client is used in place of one made of REST, where there is one: a test's.
	Client client.WithWatch
	// Namespace is Gantry's own: clusters, task definitions, stopped tasks, account settings.
	Namespace string
	// Namespaces are those of the ECS clusters; none means all of the cluster's.
	Namespaces []string
	// Wide says whether there is the right to watch what has no namespace: nodes
	// and namespaces.
	Wide bool
}

// Store holds a collection of each kind.
type Store struct {
	Client    client.Client
	Namespace string

	Settings          *Collection[*v1alpha1.AccountSettings]
	Clusters          *Collection[*v1alpha1.Cluster]
	Definitions       *Collection[*metav1.PartialObjectMetadata]
	Pods              *Collection[*corev1.Pod]
	DaemonDefinitions *Collection[*v1alpha1.DaemonTaskDefinition]
	Daemons           *Collection[*v1alpha1.Daemon]
	DaemonDeployments *Collection[*v1alpha1.DaemonDeployment]
	DaemonSets        *Collection[*appsv1.DaemonSet]
	StoppedTasks      *Collection[*v1alpha1.StoppedTask]
	Services          *Collection[*v1alpha1.ECSService]
	Revisions         *Collection[*v1alpha1.ServiceRevision]
	Rollouts          *Collection[*v1alpha1.ServiceDeployment]
	Deployments       *Collection[*appsv1.Deployment]
	Targets           *Collection[*v1alpha1.ScalableTarget]
	Autoscalers       *Collection[*autoscalingv2.HorizontalPodAutoscaler]
	Budgets           *Collection[*policyv1.PodDisruptionBudget]
	Routes            *Collection[*corev1.Service]
	Nodes             *Collection[*corev1.Node]
	// ClusterNamespaces are those that Gantry made, Accounts the ServiceAccounts
	// that tasks run as.
	ClusterNamespaces *Collection[*metav1.PartialObjectMetadata]
	Accounts          *Collection[*metav1.PartialObjectMetadata]
	// clusterNamespaces are those that are watched for what is in ECS clusters.
	clusterNamespaces []string
	wide              bool
	// Events writes Kubernetes Events.
	Events         events.EventRecorder
	broadcaster    events.EventBroadcaster
	watchClient    client.WithWatch
	watches        []watched
	definitionBody bodies
}

// NewStore makes the collections; Start fills them.
func NewStore(cfg Config) (*Store, error) {
	restConfig := rest.CopyConfig(cfg.REST)
	restConfig.QPS = -1 // the API server's priority and fairness governs, not the client
	// Watches are compressed too, each event on its own, and that costs more time
	// than the bytes are worth.
	restConfig.DisableCompression = true
	c, watches, err := clients(cfg.Client, restConfig)
	if err != nil {
		return nil, err
	}
	broadcaster, err := newEvents(restConfig)
	if err != nil {
		return nil, err
	}
	s := &Store{
		Client: c, watchClient: watches, Namespace: cfg.Namespace, wide: cfg.Wide, definitionBody: newBodies(),
		Events: broadcaster.NewRecorder(Scheme(), "gantry"), broadcaster: broadcaster,
	}
	own := []string{cfg.Namespace}
	clusters := cfg.Namespaces
	if len(clusters) == 0 {
		clusters = []string{metav1.NamespaceAll}
	}
	s.clusterNamespaces = clusters
	managed := labels.SelectorFromSet(labels.Set{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy})
	watchKind(s, &s.Settings, own, nil, func() *v1alpha1.AccountSettings { return &v1alpha1.AccountSettings{} },
		func() client.ObjectList { return &v1alpha1.AccountSettingsList{} }, nil)
	watchKind(s, &s.Clusters, own, nil, func() *v1alpha1.Cluster { return &v1alpha1.Cluster{} },
		func() client.ObjectList { return &v1alpha1.ClusterList{} },
		map[string]func(*v1alpha1.Cluster) []string{ByIdentity: func(c *v1alpha1.Cluster) []string {
			return []string{IdentityKey(c.Spec.Identity)}
		}})
	watchKind(s, &s.Definitions, own, nil, newDefinitionMetadata, metadataListOf(v1alpha1.GroupVersion.String(), "TaskDefinition"), definitionIndexes())
	watchKind(s, &s.DaemonDefinitions, own, nil, func() *v1alpha1.DaemonTaskDefinition { return &v1alpha1.DaemonTaskDefinition{} },
		func() client.ObjectList { return &v1alpha1.DaemonTaskDefinitionList{} }, daemonDefinitionIndexes())
	watchKind(s, &s.StoppedTasks, own, nil, func() *v1alpha1.StoppedTask { return &v1alpha1.StoppedTask{} },
		func() client.ObjectList { return &v1alpha1.StoppedTaskList{} },
		taskIndexes(func(t *v1alpha1.StoppedTask) string { return t.Name }))
	watchAlike(s, &s.Pods, clusters, managed, func() *corev1.Pod { return &corev1.Pod{} },
		func() client.ObjectList { return &corev1.PodList{} }, podIndexes(), sameTask)
	watchKind(s, &s.Services, clusters, nil, func() *v1alpha1.ECSService { return &v1alpha1.ECSService{} },
		func() client.ObjectList { return &v1alpha1.ECSServiceList{} }, serviceIndexes())
	watchKind(s, &s.Revisions, clusters, nil, func() *v1alpha1.ServiceRevision { return &v1alpha1.ServiceRevision{} },
		func() client.ObjectList { return &v1alpha1.ServiceRevisionList{} }, ownerIndex[*v1alpha1.ServiceRevision]())
	watchKind(s, &s.Rollouts, clusters, nil, func() *v1alpha1.ServiceDeployment { return &v1alpha1.ServiceDeployment{} },
		func() client.ObjectList { return &v1alpha1.ServiceDeploymentList{} }, ownerIndex[*v1alpha1.ServiceDeployment]())
	watchKind(s, &s.Targets, clusters, nil, func() *v1alpha1.ScalableTarget { return &v1alpha1.ScalableTarget{} },
		func() client.ObjectList { return &v1alpha1.ScalableTargetList{} },
		map[string]func(*v1alpha1.ScalableTarget) []string{ByIdentity: func(t *v1alpha1.ScalableTarget) []string {
			return []string{IdentityKey(t.Spec.Identity)}
		}})
	watchKind(s, &s.Daemons, clusters, nil, func() *v1alpha1.Daemon { return &v1alpha1.Daemon{} },
		func() client.ObjectList { return &v1alpha1.DaemonList{} },
		map[string]func(*v1alpha1.Daemon) []string{ByCluster: func(d *v1alpha1.Daemon) []string {
			return []string{ClusterKey(d.Spec.Identity, d.Spec.Cluster)}
		}})
	watchKind(s, &s.DaemonDeployments, clusters, nil, func() *v1alpha1.DaemonDeployment { return &v1alpha1.DaemonDeployment{} },
		func() client.ObjectList { return &v1alpha1.DaemonDeploymentList{} }, labelIndex[*v1alpha1.DaemonDeployment](v1alpha1.DaemonLabel))
	watchKind(s, &s.DaemonSets, clusters, managed, func() *appsv1.DaemonSet { return &appsv1.DaemonSet{} },
		func() client.ObjectList { return &appsv1.DaemonSetList{} }, nil)
	watchKind(s, &s.Deployments, clusters, managed, func() *appsv1.Deployment { return &appsv1.Deployment{} },
		func() client.ObjectList { return &appsv1.DeploymentList{} }, ownerIndex[*appsv1.Deployment]())
	watchKind(s, &s.Autoscalers, clusters, managed, func() *autoscalingv2.HorizontalPodAutoscaler { return &autoscalingv2.HorizontalPodAutoscaler{} },
		func() client.ObjectList { return &autoscalingv2.HorizontalPodAutoscalerList{} },
		ownerIndex[*autoscalingv2.HorizontalPodAutoscaler]())
	watchKind(s, &s.Budgets, clusters, managed, func() *policyv1.PodDisruptionBudget { return &policyv1.PodDisruptionBudget{} },
		func() client.ObjectList { return &policyv1.PodDisruptionBudgetList{} }, ownerIndex[*policyv1.PodDisruptionBudget]())
	watchKind(s, &s.Routes, clusters, managed, func() *corev1.Service { return &corev1.Service{} },
		func() client.ObjectList { return &corev1.ServiceList{} }, routeIndexes())
	watchKind(s, &s.Accounts, clusters, managed, metadataOf("v1", "ServiceAccount"), metadataListOf("v1", "ServiceAccount"), s.accountIndexes())
	var everywhere []string
	if cfg.Wide {
		everywhere = []string{metav1.NamespaceAll}
	}
	watchKind(s, &s.ClusterNamespaces, everywhere, managed, metadataOf("v1", "Namespace"), metadataListOf("v1", "Namespace"), nil)
	watchKind(s, &s.Nodes, everywhere, nil, func() *corev1.Node { return &corev1.Node{} },
		func() client.ObjectList { return &corev1.NodeList{} }, nil)
	return s, nil
}

const dialTimeout = 10 * time.Second

// keepAlive makes the kernel close idle connections that a partition has cut
// within seconds: each would cost a call its whole time limit.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 3 * time.Second, Interval: time.Second, Count: 3}

// callConfig is for everything but watches: HTTP/1.1. With HTTP/2 a call goes
// through the goroutines of the one connection that all share, which costs a
// twelfth of a pod's create, and waits where that connection is dead. Watches
// stay with HTTP/2, whose pings notice a dead connection.
func callConfig(cfg *rest.Config) *rest.Config {
	calls := rest.CopyConfig(cfg)
	calls.NextProtos = []string{"http/1.1"}
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAliveConfig: keepAlive}
	calls.Dial = dialer.DialContext
	return calls
}

// clients are those for calls and for watches: the one given is both.
func clients(given client.WithWatch, config *rest.Config) (calls client.Client, watches client.WithWatch, err error) {
	if given != nil {
		return given, given, nil
	}
	if watches, err = client.NewWithWatch(config, client.Options{Scheme: Scheme()}); err != nil {
		return nil, nil, fmt.Errorf("make the watches' client: %w", err)
	}
	if calls, err = client.New(callConfig(config), client.Options{Scheme: Scheme()}); err != nil {
		return nil, nil, fmt.Errorf("make client: %w", err)
	}
	return calls, watches, nil
}

func watchKind[E any, T pointerTo[E]](s *Store, into **Collection[T], namespaces []string, selector labels.Selector, make func() T, list func() client.ObjectList, indexes map[string]func(T) []string) {
	watchAlike(s, into, namespaces, selector, make, list, indexes, sameKind[T])
}

func watchAlike[E any, T pointerTo[E]](s *Store, into **Collection[T], namespaces []string, selector labels.Selector, make func() T, list func() client.ObjectList, indexes map[string]func(T) []string, alike resemblance[T]) {
	if selector == nil { // all of the kind
		selector = labels.Everything()
	}
	*into = newCollection(s.Client, selector, make, indexes, alike)
	for _, namespace := range namespaces {
		s.watches = append(s.watches, watchInto(s.watchClient, *into, list, namespace, selector))
	}
}

// Start watches until the context ends. It returns at once; Synced tells when
// the collections are full.
func (s *Store) Start(ctx context.Context) {
	s.startEvents(ctx)
	for _, w := range s.watches {
		go w.run(ctx)
	}
}

// Synced says whether every collection holds what the first list showed. It
// stays true when the API server goes away.
func (s *Store) Synced() bool {
	return !slices.ContainsFunc(s.watches, func(w watched) bool { return !w.synced() })
}

// WatchesNodes says whether nodes can be seen: without the right there is no
// container instance, and a lost node is not noticed.
func (s *Store) WatchesNodes() bool { return s.wide }

// watchDelay bounds the wait for the watch to show what another replica wrote.
const watchDelay = time.Second

// Await looks until found says yes or the watch has had its second.
func (s *Store) Await(ctx context.Context, found func() bool) bool {
	err := wait.PollUntilContextTimeout(ctx, 10*time.Millisecond, watchDelay, true,
		func(context.Context) (bool, error) { return found(), nil })
	return err == nil
}
