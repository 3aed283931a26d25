package taskdef

import (
	"strconv"
	"strings"
)

// Reference is a task definition as a request names it: `family`,
// `family:revision` or a full ARN.
type Reference struct {
	Family string
	// Revision is 0 where the request names none, which means the family's
	// latest ACTIVE revision.
	Revision int
	// Account and Region are those of the ARN, and empty for the short forms.
	// The caller compares them with its own.
	Account, Region string
}

// ParseReference reads the `taskDefinition` member of a request.
func ParseReference(s string) (Reference, error) { return parseReference(s, "task-definition/") }

// ParseDaemonReference reads the `daemonTaskDefinition` member of a request.
func ParseDaemonReference(s string) (Reference, error) {
	return parseReference(s, "daemon-task-definition/")
}

// parseReference: kind is what an ARN's resource begins with.
func parseReference(s, kind string) (Reference, error) {
	if s == "" {
		return Reference{}, invalidParameter("Task Definition can not be blank.")
	}
	var ref Reference
	rest := s
	// "arn:1" is a revision of a family called arn: an ARN has five colons.
	if strings.HasPrefix(s, "arn:") && strings.Count(s, ":") > 1 {
		parts := strings.SplitN(s, ":", 6)
		if len(parts) != 6 {
			return Reference{}, wrongSeparators()
		}
		name, ok := strings.CutPrefix(parts[5], kind)
		if !ok || parts[2] != "ecs" {
			return Reference{}, invalidParameter("Invalid arn syntax.")
		}
		ref.Region, ref.Account, rest = parts[3], parts[4], name
	}
	if strings.Contains(rest, "/") || strings.Count(rest, ":") > 1 {
		return Reference{}, wrongSeparators()
	}
	family, revision, hasRevision := strings.Cut(rest, ":")
	if hasRevision {
		n, err := strconv.ParseInt(revision, 10, 32)
		if err != nil || n < 1 {
			return Reference{}, invalidParameter("Invalid revision number. Number: %s", revision)
		}
		ref.Revision = int(n)
	}
	if !ValidName(family) {
		return Reference{}, clientException("Family contains invalid characters.")
	}
	ref.Family = family
	return ref, nil
}

func wrongSeparators() error {
	return invalidParameter("Unexpected number of separators")
}
