package translator

import (
	"reflect"
	"slices"
	"strings"
)

// Field classifies one ECS field. Path is a JSON pointer in which "*" stands for
// any element of a list or any key of a map. A Refused row covers everything
// below it; every other row is for its own path alone.
type Field struct {
	Document Document
	Path     string
	Class    Class
	// To says where a translated field goes, as "Pod /spec/containers/*/image".
	To string
	// Rule says in words what is done with the field, or why nothing is.
	Rule string
	// Harmless is true for the values of a refused field that change nothing;
	// they are Represented.
	Harmless func(reflect.Value) bool
	// Except says which values are treated otherwise than Class says.
	Except string
}

// Topic is a group of fields with a heading: what one file classifies.
type Topic struct {
	Title  string
	Fields []Field
}

// Topics is the classification of every ECS field that reaches a pod.
var Topics = []Topic{
	{"Names and records", recordFields},
	{"Image", imageFields},
	{"Command and working directory", commandFields},
	{"Environment", environmentFields},
	{"Secrets", secretFields},
	{"CPU, memory, disk and GPUs", slices.Concat(resourceFields, deviceFields)},
	{"Network and ports", networkFields},
	{"Host names and DNS", hostFields},
	{"Essential containers and restarts", essentialFields},
	{"Order of the containers", dependsOnFields},
	{"Health", healthCheckFields},
	{"Stopping", stopTimeoutFields},
	{"User and rights", slices.Concat(userFields, securityOptionFields)},
	{"Volumes", slices.Concat(volumeFields, remoteVolumeFields, launchVolumeFields)},
	{"Logs", loggingFields},
	{"Roles", roleFields},
	{"Placement", slices.Concat(placementFields, constraintFields, placementStrategyFields)},
	{"Docker and Linux", slices.Concat(linuxFields, memoryVolumeFields, systemControlFields)},
	{"Overrides", overrideFields},
	{"The call", callFields},
	{"The service", serviceFields},
	{"Scheduling strategies", daemonFields},
	{"Deployment strategies", strategyFields},
	{"Task sets", taskSetFields},
	{"Load balancers", loadBalancerFields},
	{"Service registries", registryFields},
	{"Service Connect", connectFields},
	{"Express services", expressFields},
	{"Daemons", managedDaemonFields},
	{"Task definitions of daemons", daemonDefinitionFields},
}

type fieldKey struct {
	document Document
	path     string
}

// fieldTable is the classification by document and path.
type fieldTable map[fieldKey]Field

var table = newFieldTable()

func newFieldTable() fieldTable {
	table := fieldTable{}
	for _, topic := range Topics {
		for _, f := range topic.Fields {
			table[fieldKey{f.Document, f.Path}] = f
		}
	}
	return table
}

// sharing says with which document a document shares members: they are
// classified once, there.
var sharing = map[Document]Document{TaskSet: Service, Service: Task, DaemonTaskDefinition: TaskDefinition}

// lookup finds the row of a path.
func (t fieldTable) lookup(document Document, path string) (Field, bool) {
	f, ok := t[fieldKey{document, path}]
	for other, shares := sharing[document]; !ok && shares; other, shares = sharing[other] {
		f, ok = t[fieldKey{other, path}]
	}
	return f, ok
}

// splitTarget parts "Pod /spec/x" into kind and pointer.
func splitTarget(to string) (object, pointer string) {
	object, pointer, _ = strings.Cut(to, " ")
	return object, pointer
}

// anyOf makes a Harmless function for enums and strings.
func anyOf(values ...string) func(reflect.Value) bool {
	return func(v reflect.Value) bool {
		for _, value := range values {
			if v.Kind() == reflect.String && v.String() == value {
				return true
			}
		}
		return false
	}
}

func isFalse(v reflect.Value) bool {
	return v.Kind() == reflect.Bool && !v.Bool()
}

func isZero(v reflect.Value) bool {
	return v.IsZero()
}
