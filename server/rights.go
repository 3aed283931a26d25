package server

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
)

// ServiceAccount is the account that Gantry runs as in a cluster.
const ServiceAccount = "gantry"

var (
	read  = []string{"get", "list", "watch"}
	write = []string{"get", "list", "watch", "create", "patch", "delete"}
)

func rule(group string, verbs []string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
}

// eventRule: a series of the same Event is counted by a patch.
var eventRule = rule("events.k8s.io", []string{"create", "patch"}, "events")

// ownRules are the rights in Gantry's own namespace.
func ownRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule(v1alpha1.GroupVersion.Group, write, "clusters", "taskdefinitions", "daemontaskdefinitions", "stoppedtasks", "accountsettings"),
		rule("coordination.k8s.io", []string{"get", "create", "update"}, "leases"),
		rule("", []string{"get"}, "secrets"),
		eventRule,
	}
}

// clusterRules are the rights in the namespaces of ECS clusters.
func clusterRules() []rbacv1.PolicyRule {
	group := v1alpha1.GroupVersion.Group
	return []rbacv1.PolicyRule{
		rule(group, write, "ecsservices", "servicerevisions", "servicedeployments", "scalabletargets", "daemons", "daemondeployments"),
		rule(group, []string{"patch"}, "ecsservices/status", "servicedeployments/status", "scalabletargets/status", "daemons/status", "daemondeployments/status"),
		rule(group, []string{"update"}, "ecsservices/finalizers", "daemons/finalizers"),
		rule("", write, "pods", "services"),
		rule("", []string{"patch"}, "pods/status"),
		rule("", []string{"get", "list", "watch", "create", "patch"}, "serviceaccounts"),
		rule("apps", write, "deployments", "daemonsets"),
		rule("apps", []string{"get"}, "replicasets"),
		rule("autoscaling", write, "horizontalpodautoscalers"),
		rule("policy", write, "poddisruptionbudgets"),
		eventRule,
	}
}

// wideRules are the rights on what has no namespace.
func wideRules(mode kube.NamespaceMode) []rbacv1.PolicyRule {
	if mode.Mode != kube.CreateNamespaces {
		return nil
	}
	return []rbacv1.PolicyRule{
		rule("", []string{"get", "list", "watch", "create", "delete"}, "namespaces"),
		rule("", read, "nodes"),
	}
}

// RBAC makes the objects that give Gantry its rights: in the mode create a
// ClusterRole, in the others Roles in the namespaces named.
func RBAC(namespace string, mode kube.NamespaceMode) []runtime.Object {
	labels := map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedBy}
	meta := func(ns string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: ServiceAccount, Namespace: ns, Labels: labels}
	}
	subjects := []rbacv1.Subject{{Kind: "ServiceAccount", Name: ServiceAccount, Namespace: namespace}}
	objects := []runtime.Object{serviceAccount(meta(namespace))}
	role := func(ns string, rules []rbacv1.PolicyRule) {
		objects = append(objects,
			&rbacv1.Role{TypeMeta: rbacType("Role"), ObjectMeta: meta(ns), Rules: rules},
			&rbacv1.RoleBinding{
				TypeMeta: rbacType("RoleBinding"), ObjectMeta: meta(ns), Subjects: subjects,
				RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: ServiceAccount},
			})
	}
	if mode.Mode == kube.CreateNamespaces {
		role(namespace, ownRules())
		objects = append(objects,
			&rbacv1.ClusterRole{TypeMeta: rbacType("ClusterRole"), ObjectMeta: meta(""), Rules: append(clusterRules(), wideRules(mode)...)},
			&rbacv1.ClusterRoleBinding{
				TypeMeta: rbacType("ClusterRoleBinding"), ObjectMeta: meta(""), Subjects: subjects,
				RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: ServiceAccount},
			})
		return objects
	}
	own := ownRules()
	// In a namespace's own Role: to read the label that offers it.
	inNamespace := append(clusterRules(), rule("", []string{"get"}, "namespaces"))
	for _, ns := range mode.Namespaces {
		if ns == namespace {
			own = append(own, inNamespace...)
			continue
		}
		role(ns, inNamespace)
	}
	role(namespace, own)
	return objects
}

func rbacType(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: kind}
}
