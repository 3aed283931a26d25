package kube

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// DefaultAccount and DefaultRegion are the identity whose object names are
// readable. They are constants, not flags: a flag would rename every object.
const (
	DefaultAccount = "000000000000"
	DefaultRegion  = "us-east-1"
)

const (
	// maxReadable leaves room for the suffixes that Kubernetes' controllers add
	// to a Deployment's name before a pod's host name is cut at 63 characters.
	maxReadable = 40
	hashDigits  = 10
)

var (
	dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	hashed   = regexp.MustCompile(`-[0-9a-f]{10}$`)
	notLabel = regexp.MustCompile(`[^a-z0-9]+`)
)

// Name derives the name of a Kubernetes object from ECS names; it is also a
// legal label value. A single name of the default identity that is a DNS label
// stays as it is; everything else becomes a readable prefix and a hash of
// account, region and all parts. A readable name that looks hashed is hashed, so
// the function is injective but for collisions of the hash, which lookups notice
// by comparing the exact names in the spec.
func Name(id v1alpha1.Identity, parts ...string) string {
	isDefault := id.Account == DefaultAccount && id.Region == DefaultRegion
	if isDefault && len(parts) == 1 && len(parts[0]) <= maxReadable &&
		dnsLabel.MatchString(parts[0]) && !hashed.MatchString(parts[0]) {
		return parts[0]
	}
	slug := strings.Trim(notLabel.ReplaceAllString(strings.ToLower(strings.Join(parts, "-")), "-"), "-")
	if limit := maxReadable - hashDigits - 1; len(slug) > limit {
		slug = strings.TrimRight(slug[:limit], "-")
	}
	if slug == "" {
		slug = "x"
	}
	return slug + "-" + Hash(append([]string{id.Account, id.Region}, parts...)...)[:hashDigits]
}

// Hash is the hexadecimal SHA-256 of the parts, each with its length before it.
func Hash(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// ClusterNamespace is the namespace that Gantry makes for a cluster. The prefix
// keeps clusters named "default" or "kube-system" away from Kubernetes' own.
func ClusterNamespace(id v1alpha1.Identity, cluster string) string {
	return "ecs-" + Name(id, cluster)
}

// TaskDefinitionName is the name of a revision; no ECS name holds a dot.
func TaskDefinitionName(id v1alpha1.Identity, family string, revision int64) string {
	return Name(id, family) + "." + strconv.FormatInt(revision, 10)
}

// ServiceName is the name of an ECSService and of the scalable target beside it.
func ServiceName(cluster *v1alpha1.Cluster, service string) string { return nameIn(cluster, service) }

// DaemonName is the name of a Daemon and of its DaemonSet.
func DaemonName(cluster *v1alpha1.Cluster, daemon string) string { return nameIn(cluster, daemon) }

// nameIn is what has the name in the cluster: the name itself where the cluster
// has its namespace to itself, else made of both.
func nameIn(cluster *v1alpha1.Cluster, name string) string {
	if cluster.Spec.Shared {
		return Name(cluster.Spec.Identity, cluster.Spec.Name, name)
	}
	return Name(cluster.Spec.Identity, name)
}

// DeploymentName is the name of a ServiceDeployment and of its Deployment, and
// of a DaemonDeployment: service is the object name of the service or daemon.
func DeploymentName(service string, number int64) string {
	return service + "-" + strconv.FormatInt(number, 10)
}

// RevisionName is the name of a ServiceRevision with the given content.
func RevisionName(service string, content []byte) string {
	return service + "-" + Hash(string(content))[:hashDigits]
}

// RouteName is the name of the Kubernetes Service for something of an identity,
// as a target group: the name of a Service begins with a letter (RFC 1035), so an x
// goes before a digit. What is an x before a digit already gets one more, and so on:
// else two things would have one name.
func RouteName(id v1alpha1.Identity, parts ...string) string {
	rest := parts
	for len(rest) > 1 && rest[0] == "x" {
		rest = rest[1:]
	}
	if first := Name(id, rest...)[0]; first >= '0' && first <= '9' {
		return Name(id, append([]string{"x"}, parts...)...)
	}
	return Name(id, parts...)
}

// TaskName is the name of the pod of a RunTask call's task: the same call,
// retried, finds the same pods.
func TaskName(id v1alpha1.Identity, cluster, token string, index int) string {
	return "task-" + Hash(id.Account, id.Region, cluster, token)[:20] + "-" + strconv.Itoa(index)
}

// TaskGroup is the label value that tasks of one group of a cluster have, and no
// others.
func TaskGroup(id v1alpha1.Identity, cluster, group string) string {
	return Hash(id.Account, id.Region, cluster, group)[:40]
}

// TaskID is the ECS id of the task that is the pod with this UID.
func TaskID(podUID string) string {
	return strings.ReplaceAll(podUID, "-", "")
}
