package translator

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

var overrideFields = []Field{
	{
		Document: Task, Path: "/overrides/containerOverrides/*/name", Class: Represented,
		Rule: "names the container whose members are replaced",
	},
}

// effectiveContainers applies the overrides of a call to the definition's
// containers (API reference, ContainerOverride).
func (r *renderer) effectiveContainers() []*container {
	containers := make([]*container, 0, len(r.in.TaskDefinition.ContainerDefinitions))
	byName := map[string]*container{}
	for i, def := range r.in.TaskDefinition.ContainerDefinitions {
		c := &container{
			def:  def,
			base: source{TaskDefinition, "/containerDefinitions/" + strconv.Itoa(i)},
			from: map[string]source{},
		}
		containers = append(containers, c)
		byName[value(def.Name)] = c
	}
	if r.in.Overrides == nil {
		return containers
	}
	for i, override := range r.in.Overrides.ContainerOverrides {
		at := source{Task, "/overrides/containerOverrides/" + strconv.Itoa(i)}
		if c, known := byName[value(override.Name)]; known {
			r.override(c, override, at)
		} else {
			r.refuse(at, "the task definition has no container of this name")
		}
	}
	return containers
}

func (r *renderer) override(c *container, o types.ContainerOverride, at source) {
	r.note(at.child("name"), Represented, r.rule(at.child("name")))
	if len(o.Command) > 0 {
		r.replace(c, "command", at, len(c.def.Command) > 0)
		c.def.Command = o.Command
	}
	if o.Cpu != nil {
		r.replace(c, "cpu", at, c.def.Cpu != 0)
		c.def.Cpu = *o.Cpu
	}
	if o.Memory != nil {
		r.replace(c, "memory", at, c.def.Memory != nil)
		c.def.Memory = o.Memory
	}
	if o.MemoryReservation != nil {
		r.replace(c, "memoryReservation", at, c.def.MemoryReservation != nil)
		c.def.MemoryReservation = o.MemoryReservation
	}
	if len(o.EnvironmentFiles) > 0 {
		r.replace(c, "environmentFiles", at, len(c.def.EnvironmentFiles) > 0)
		c.def.EnvironmentFiles = o.EnvironmentFiles
	}
	if len(o.ResourceRequirements) > 0 {
		r.replace(c, "resourceRequirements", at, len(c.def.ResourceRequirements) > 0)
		c.def.ResourceRequirements = o.ResourceRequirements
	}
	c.environmentOverride = append(c.environmentOverride, variablesAt(o.Environment, at.child("environment"))...)
}

// replace says that a member comes from an override now, and notes what became
// of the value that was there.
func (r *renderer) replace(c *container, member string, at source, hadValue bool) {
	if hadValue {
		r.note(c.member(member), Represented, "replaced by "+at.child(member).pointer)
	}
	c.from[member] = at.child(member)
}

func value[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
