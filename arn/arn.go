// Package arn makes and reads the ARNs of ECS's resources. It is pure and may
// import the custom resources' identity, the partitions and the SDK's ARN parser,
// nothing else.
package arn

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	awsarn "github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn/partition"
)

func ecs(id v1alpha1.Identity, parts ...string) string {
	// In one piece: an answer of a hundred tasks has hundreds of ARNs.
	of := partition.Of(id.Region)
	size := len("arn::ecs") + len(of) + len(id.Region) + len(id.Account) + len(parts) + 2
	for _, part := range parts {
		size += len(part)
	}
	var b strings.Builder
	b.Grow(size)
	for _, part := range [...]string{"arn:", of, ":ecs:", id.Region, ":", id.Account} {
		b.WriteString(part)
	}
	for i, part := range parts {
		if i == 0 {
			b.WriteByte(':')
		} else {
			b.WriteByte('/')
		}
		b.WriteString(part)
	}
	return b.String()
}

// Cluster is the ARN of a cluster.
func Cluster(id v1alpha1.Identity, name string) string { return ecs(id, "cluster", name) }

// Service is the long ARN of a service.
func Service(id v1alpha1.Identity, cluster, name string) string {
	return ecs(id, "service", cluster, name)
}

// Task is the long ARN of a task.
func Task(id v1alpha1.Identity, cluster, task string) string { return ecs(id, "task", cluster, task) }

// Container is the ARN of a container of a task.
func Container(id v1alpha1.Identity, cluster, task, container string) string {
	return ecs(id, "container", cluster, task, container)
}

// ContainerInstance is the long ARN of a container instance.
func ContainerInstance(id v1alpha1.Identity, cluster, instance string) string {
	return ecs(id, "container-instance", cluster, instance)
}

// TaskDefinition is the ARN of a revision.
func TaskDefinition(id v1alpha1.Identity, family string, revision int64) string {
	return ecs(id, "task-definition", family+":"+strconv.FormatInt(revision, 10))
}

// ServiceDeployment is the ARN of a service deployment.
func ServiceDeployment(id v1alpha1.Identity, cluster, service, deployment string) string {
	return ecs(id, "service-deployment", cluster, service, deployment)
}

// TaskSet is the ARN of a task set, whose id has a slash of its own.
func TaskSet(id v1alpha1.Identity, cluster, service, taskSet string) string {
	return ecs(id, "task-set", cluster, service, taskSet)
}

// ServiceRevision is the ARN of a service revision.
func ServiceRevision(id v1alpha1.Identity, cluster, service, revision string) string {
	return ecs(id, "service-revision", cluster, service, revision)
}

// Daemon is the ARN of a daemon.
func Daemon(id v1alpha1.Identity, cluster, name string) string {
	return ecs(id, "daemon", cluster, name)
}

// DaemonTaskDefinition is the ARN of a revision of a daemon's task definition.
func DaemonTaskDefinition(id v1alpha1.Identity, family string, revision int64) string {
	return ecs(id, "daemon-task-definition", family+":"+strconv.FormatInt(revision, 10))
}

// DaemonDeployment is the ARN of a deployment of a daemon.
func DaemonDeployment(id v1alpha1.Identity, cluster, daemon, deployment string) string {
	return ecs(id, "daemon-deployment", cluster, daemon, deployment)
}

// DaemonRevision is the ARN of a daemon's revision.
func DaemonRevision(id v1alpha1.Identity, cluster, daemon, revision string) string {
	return ecs(id, "daemon-revision", cluster, daemon, revision)
}

// ServiceLinkedRole is the ARN of ECS's service-linked role, which answers name
// for services that use awsvpc, a load balancer or a registry.
func ServiceLinkedRole(id v1alpha1.Identity) string {
	return awsarn.ARN{
		Partition: partition.Of(id.Region), Service: "iam", AccountID: id.Account,
		Resource: "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
	}.String()
}

// Role is the ARN of a role that is named by its path and name, or by its ARN.
func Role(id v1alpha1.Identity, role string) string {
	if awsarn.IsARN(role) {
		return role
	}
	return awsarn.ARN{Partition: partition.Of(id.Region), Service: "iam", AccountID: id.Account, Resource: "role/" + strings.TrimPrefix(role, "/")}.String()
}

// Root is the ARN of an account's root user.
func Root(id v1alpha1.Identity) string {
	return awsarn.ARN{Partition: partition.Of(id.Region), Service: "iam", AccountID: id.Account, Resource: "root"}.String()
}

// Ref is what a request names a resource by: a short name, or an ARN.
type Ref struct {
	// IsARN says whether Account, Region, Kind and Path were given.
	IsARN bool
	// Account, Region: the ARN's.
	Account, Region string
	// Kind is the first part of the ARN's resource, as "task".
	Kind string
	// Path are the parts after the kind; of a short name, its parts.
	Path []string
}

// Name is the last part of what was given.
func (r Ref) Name() string {
	if len(r.Path) == 0 {
		return ""
	}
	return r.Path[len(r.Path)-1]
}

// Parse reads a short name or an ARN of ECS. ok is false for what looks like an
// ARN and is none, or is another service's.
func Parse(s string) (ref Ref, ok bool) {
	if !strings.HasPrefix(s, "arn:") {
		return Ref{Path: strings.Split(s, "/")}, true
	}
	parsed, err := awsarn.Parse(s)
	if err != nil || parsed.Service != "ecs" {
		return Ref{}, false
	}
	kind, path, found := strings.Cut(parsed.Resource, "/")
	if !found {
		return Ref{}, false
	}
	return Ref{
		IsARN: true, Account: parsed.AccountID, Region: parsed.Region,
		Kind: kind, Path: strings.Split(path, "/"),
	}, true
}

// ParseTargetGroup reads the ARN of a load balancer's target group:
// arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID.
func ParseTargetGroup(s string) (id v1alpha1.Identity, name string, ok bool) {
	parsed, err := awsarn.Parse(s)
	if err != nil || parsed.Service != "elasticloadbalancing" {
		return id, "", false
	}
	path := strings.Split(parsed.Resource, "/")
	if len(path) != 3 || path[0] != "targetgroup" || path[1] == "" || path[2] == "" {
		return id, "", false
	}
	return v1alpha1.Identity{Account: parsed.AccountID, Region: parsed.Region}, path[1], true
}

// ParseRegistry reads the ARN of a Cloud Map service:
// arn:aws:servicediscovery:REGION:ACCOUNT:service/ID.
func ParseRegistry(s string) (id v1alpha1.Identity, service string, ok bool) {
	return parseDiscovery(s, "service/")
}

// ParseNamespace reads the ARN of a Cloud Map namespace.
func ParseNamespace(s string) (id v1alpha1.Identity, ok bool) {
	id, _, ok = parseDiscovery(s, "namespace/")
	return id, ok
}

func parseDiscovery(s, kind string) (id v1alpha1.Identity, name string, ok bool) {
	parsed, err := awsarn.Parse(s)
	if err != nil || parsed.Service != "servicediscovery" {
		return id, "", false
	}
	name, ok = strings.CutPrefix(parsed.Resource, kind)
	return v1alpha1.Identity{Account: parsed.AccountID, Region: parsed.Region}, name, ok && name != "" && !strings.Contains(name, "/")
}

// NamespaceOf is the ARN of a Cloud Map namespace that is given by its name or
// by its ARN. The id of a named one is made of the name.
func NamespaceOf(id v1alpha1.Identity, given string) string {
	if awsarn.IsARN(given) {
		return given
	}
	return discovery(id, "namespace/ns-"+discoveryID(given))
}

// DiscoveryService is the ARN of the Cloud Map service of an endpoint.
func DiscoveryService(id v1alpha1.Identity, namespace, discoveryName string) string {
	return discovery(id, "service/srv-"+discoveryID(namespace, discoveryName))
}

func discovery(id v1alpha1.Identity, resource string) string {
	return awsarn.ARN{
		Partition: partition.Of(id.Region), Service: "servicediscovery", Region: id.Region, AccountID: id.Account, Resource: resource,
	}.String()
}

// discoveryID is as long as Cloud Map's own ids.
func discoveryID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, " ")))
	return hex.EncodeToString(sum[:])[:16]
}
