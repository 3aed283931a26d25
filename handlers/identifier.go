package handlers

import (
	"regexp"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
)

// nameIn reads what a request names something of a cluster by: a name, or an ARN
// in the long form or the short one, which has no cluster.
func nameIn(cluster *v1alpha1.Cluster, kind, given string) (string, error) {
	ref, ok := arn.Parse(given)
	if !ok {
		return "", separators()
	}
	if ref.IsARN {
		if ref.Kind != kind || len(ref.Path) > 2 {
			return "", separators()
		}
		switch spec := cluster.Spec; {
		case len(ref.Path) == 2 && ref.Path[0] != spec.Name:
			return "", otherCluster(ref.Path[0], spec.Name)
		case ref.Region != spec.Region:
			return "", otherPlace("region", ref.Region, spec.Region)
		case ref.Account != spec.Account:
			return "", otherPlace("account", ref.Account, spec.Account)
		}
	} else if len(ref.Path) > 1 {
		return "", separators()
	}
	return ref.Name(), nil
}

var idPattern = regexp.MustCompile(`^([A-Za-z0-9-]{32}|[A-Za-z0-9-]{36})$`)

// validID is true for what may be the id of a task or a container instance: 32
// characters, or a UUID's 36, which the oldest have.
func validID(id string) bool { return idPattern.MatchString(id) }
