package handlers

import (
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

// validID is true for what may be the id of a task or a container instance: 32
// characters, or a UUID's 36, which the oldest have.
// It is a loop and no regular expression: one call asks a hundred times.
func validID(id string) bool {
	for i := range len(id) {
		switch c := id[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return len(id) == 32 || len(id) == 36
}
