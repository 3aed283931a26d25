package v1alpha1

// Labels. Their values are object names as kube.Name makes them (at most 63
// characters, hashed where the ECS name is no label value); exact names are in
// specs and annotations.
const (
	// ManagedByLabel and ManagedBy mark every object that Gantry reads.
	ManagedByLabel = "app.kubernetes.io/managed-by"
	ManagedBy      = "gantry"

	// ClusterLabel, FamilyLabel: the cluster and the task definition family.
	ClusterLabel = "gantry.dev/cluster"
	FamilyLabel  = "gantry.dev/family"
	// ServiceLabel is on the pods that count for their service: Services, budgets
	// and autoscalers select on it. A stop takes it off, and the ReplicaSet, whose
	// selector holds it, releases the pod.
	ServiceLabel = "gantry.dev/service"
	// DaemonLabel is on the pods of a daemon's tasks, for good: its DaemonSet, which
	// selects on it, makes the next task of an instance when the last has ended.
	DaemonLabel = "gantry.dev/daemon"
	// DeploymentLabel is the number of the ECS deployment; of a daemon's task, of its revision. It stays when a pod is stopped.
	DeploymentLabel = "gantry.dev/deployment"
	// RouteLabelPrefix, before the name of a Kubernetes Service, labels the pods
	// that traffic through that Service may reach.
	RouteLabelPrefix = "route.gantry.dev/"
	// GroupLabel is the hash of a standalone task's cluster and group: tasks of one
	// group are kept apart, or spread, by it. A stop takes it off: a task that is to
	// stop is in nobody's way.
	GroupLabel = "gantry.dev/group"
	// PackedLabel is on the pods of tasks with the placement strategy binpack, which
	// seek one another.
	PackedLabel = "gantry.dev/packed"
	// TokenLabel is the hash of the clientToken that a task was run with.
	TokenLabel = "gantry.dev/client-token"

	// StatusLabel is a task definition's status: ACTIVE, INACTIVE, DELETE_IN_PROGRESS,
	// or StatusDeleted.
	StatusLabel = "ecs.gantry.dev/status"
	// StatusDeleted is that of a revision that no call finds any more. It is kept for
	// its number, while that is its family's highest: no number comes twice.
	StatusDeleted = "DELETED"
	// NamespaceOfferLabel marks a namespace that may be used for an ECS cluster in
	// the mode "existing"; its value is the cluster's name, or empty for any.
	NamespaceOfferLabel = "gantry.dev/offer"
)

// Annotations of task pods.
const (
	// TaskAnnotation is the unchanging part of ECS's Task, in ECS JSON: what the
	// pod itself cannot say.
	TaskAnnotation = "gantry.dev/task"
	// ContainersAnnotation names the containers of the task definition;
	// comma-separated. Containers that a webhook adds are not among them.
	ContainersAnnotation = "gantry.dev/containers"
	// EssentialAnnotation names the essential containers, HealthCheckedAnnotation
	// those with an ECS health check; comma-separated.
	EssentialAnnotation     = "gantry.dev/essential"
	HealthCheckedAnnotation = "gantry.dev/health-checked"
	// RestartPeriodsAnnotation says of each container with an ECS restart policy for
	// how many seconds it must run before it may begin again: name=seconds, comma-separated.
	RestartPeriodsAnnotation = "gantry.dev/restart-periods"
	// SuccessDependenciesAnnotation says which containers wait for another to succeed:
	// name=dependency, comma-separated.
	SuccessDependenciesAnnotation = "gantry.dev/success-dependencies"
	// SecretsAnnotation maps Secret names to the AWS names they stand for, as JSON.
	SecretsAnnotation = "gantry.dev/secrets"
	// ServiceAnnotation, StartedByAnnotation, FamilyAnnotation: exact ECS values.
	ServiceAnnotation = "gantry.dev/service-name"
	// DaemonAnnotation is the exact name of the daemon that a task is of.
	DaemonAnnotation = "gantry.dev/daemon-name"
	// ServiceObjectAnnotation is the name of the ECSService.
	ServiceObjectAnnotation = "gantry.dev/service-object"
	StartedByAnnotation     = "gantry.dev/started-by"
	FamilyAnnotation        = "gantry.dev/family"
	// AccountAnnotation, RegionAnnotation, ClusterAnnotation: the task's identity.
	AccountAnnotation = "gantry.dev/account"
	RegionAnnotation  = "gantry.dev/region"
	ClusterAnnotation = "gantry.dev/cluster-name"
	// LaunchTypeAnnotation is the task's ECS launch type.
	LaunchTypeAnnotation = "gantry.dev/launch-type"
	// CapacityProviderAnnotation is the capacity provider of a task of a RunTask
	// call or of a service whose tasks are of several.
	CapacityProviderAnnotation = "gantry.dev/capacity-provider"
	// ProvidersAnnotation is, on the pods of such a service, the strategy by which
	// its tasks are dealt out: name=base:weight, comma-separated.
	ProvidersAnnotation = "gantry.dev/capacity-providers"
	// PodAnnotation is, on a StoppedTask, the name of the pod that was the task.
	PodAnnotation = "gantry.dev/pod"
	// NodeAnnotation is, on a StoppedTask, the name of the node that it ran on.
	NodeAnnotation = "gantry.dev/node"
	// CreatedAtAnnotation has the milliseconds that creationTimestamp has not.
	CreatedAtAnnotation = "gantry.dev/created-at"
	// RequestHashAnnotation is the hash of the call's input, without its token.
	RequestHashAnnotation = "gantry.dev/request-hash"

	// RoutesAnnotation lists the Services that lead to the task, as JSON;
	// RoutingAnnotation has the members of the service revision that they were
	// made of, in ECS JSON.
	RoutesAnnotation  = "gantry.dev/routes"
	RoutingAnnotation = "gantry.dev/routing"
	// TargetGroupAnnotation is, on a Service, the ARN of the target group that it stands for.
	TargetGroupAnnotation = "gantry.dev/target-group"
	// RegistryAnnotation is, on a headless Service, the ARN of the Cloud Map service.
	RegistryAnnotation = "gantry.dev/registry"
	// ConnectNamespaceAnnotation is the ARN of the Service Connect namespace of a
	// Service or of a task, ConnectNameAnnotation the name that leads to a Service.
	ConnectNamespaceAnnotation = "gantry.dev/connect-namespace"
	ConnectNameAnnotation      = "gantry.dev/connect-name"
	// ConnectNamesAnnotation is, on a Deployment, how many of the last host aliases
	// in its template are names of Service Connect.
	ConnectNamesAnnotation = "gantry.dev/connect-names"

	// StopCodeAnnotation, StoppedReasonAnnotation, StoppingAtAnnotation say why and
	// since when a task is being stopped.
	StopCodeAnnotation      = "gantry.dev/stop-code"
	StoppedReasonAnnotation = "gantry.dev/stopped-reason"
	StoppingAtAnnotation    = "gantry.dev/stopping-at"
	// HealthAnnotation has the containers' health at that moment, NAME=STATUS with
	// commas between; absent where none has a health check.
	HealthAnnotation = "gantry.dev/health"
	// StopAtAnnotation is when the deadline is to be set at the latest: an
	// unhealthy task runs on until its replacement is healthy.
	StopAtAnnotation = "gantry.dev/stop-at"
	// RebalancedFromAnnotation is the zone that a task was taken from to balance its
	// service over the zones.
	RebalancedFromAnnotation = "gantry.dev/rebalanced-from"
	// TagsAnnotation has the tags of a task or a task definition that was tagged or
	// untagged after it was made, as a JSON list; without it, they are as made.
	TagsAnnotation = "gantry.dev/tags"
	// InstanceTagsPrefix, followed by the id of a container instance, is the
	// annotation of the Cluster that has the tags of its instance.
	InstanceTagsPrefix = "instance-tags.gantry.dev/"
	// ProtectedUntilAnnotation is when a task's protection from scale-in and from
	// being replaced in a deployment ends.
	ProtectedUntilAnnotation = "gantry.dev/protected-until"
	// FailedContainerAnnotation and ContainerReasonAnnotation name the container
	// that could not start and say why; the pod's own words are gone once it is killed.
	FailedContainerAnnotation = "gantry.dev/failed-container"
	ContainerReasonAnnotation = "gantry.dev/container-reason"

	// RemovingAnnotation is on a Cluster whose namespace is being removed: it
	// cannot be made ACTIVE again.
	RemovingAnnotation = "ecs.gantry.dev/removing"
	// UsedAtAnnotation is when a call last took a ServiceRevision that was there.
	UsedAtAnnotation = "ecs.gantry.dev/used-at"
	// ClusterCopySuffix ends the prefix of annotations of a ServiceAccount for
	// tasks, after the name of Gantry's namespace. Each is a copy of the spec of an
	// ACTIVE cluster whose tasks run there, by the name of its object.
	ClusterCopySuffix = ".cluster.ecs.gantry.dev/"
	// RevisionAnnotation is a task definition's revision.
	RevisionAnnotation = "ecs.gantry.dev/revision"
	// DeregisteredAtAnnotation is when a task definition was deregistered.
	DeregisteredAtAnnotation = "ecs.gantry.dev/deregistered-at"
	// DeleteRequestedAtAnnotation is when its deletion was asked for.
	DeleteRequestedAtAnnotation = "ecs.gantry.dev/delete-requested-at"
)

// TaskFinalizer keeps a task's pod until its StoppedTask is written.
const TaskFinalizer = "gantry.dev/task-record"

// TaskServiceAccount is the ServiceAccount that task pods run as.
const TaskServiceAccount = "gantry-task"
