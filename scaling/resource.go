package scaling

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// All that can be scaled of ECS is a service's desired count.
const (
	Namespace = types.ServiceNamespaceEcs
	Dimension = types.ScalableDimensionECSServiceDesiredCount
)

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// validName has the rule of clusters' and services' names (ECS API reference,
// CreateCluster.clusterName).
func validName(s string) bool { return len(s) <= 255 && namePattern.MatchString(s) }

// ResourceID names a service in this API: `service/<cluster>/<service>`.
func ResourceID(cluster, service string) string { return "service/" + cluster + "/" + service }

// ParseResourceID is the way back from ResourceID.
func ParseResourceID(s string) (cluster, service string, ok bool) {
	parts := strings.Split(s, "/")
	if len(parts) != 3 || parts[0] != "service" || !validName(parts[1]) || !validName(parts[2]) {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// validateResource is for the three members with which every call names its
// target. Where a service has another namespace or dimension, the request may
// be right on AWS, but nothing here answers to it.
func validateResource(ns types.ServiceNamespace, resourceID *string, dimension types.ScalableDimension) error {
	if err := validateNamespace(ns); err != nil {
		return err
	}
	switch {
	case resourceID == nil:
		return missing("resourceId")
	case *resourceID == "":
		return constraint("", "resourceId", "have length greater than or equal to 1")
	case dimension == "":
		return missing("scalableDimension")
	}
	if err := validateDimension(dimension); err != nil {
		return err
	}
	if ns != Namespace || dimension != Dimension {
		return unsupportedResource()
	}
	if _, _, ok := ParseResourceID(*resourceID); !ok {
		return unsupportedResource()
	}
	return nil
}

func validateNamespace(ns types.ServiceNamespace) error {
	if ns == "" {
		return missing("serviceNamespace")
	}
	return enum("serviceNamespace", ns, ns.Values())
}

func validateDimension(d types.ScalableDimension) error {
	return enum("scalableDimension", d, d.Values())
}

func enum[T ~string](member string, value T, known []T) error {
	names := make([]string, 0, len(known))
	for _, k := range known {
		if k == value {
			return nil
		}
		names = append(names, string(k))
	}
	return constraint(value, member, "satisfy enum value set: ["+strings.Join(names, ", ")+"]")
}
