package translator

import (
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	overbookedRule = "no request of its own: together the containers ask for more than the task has"
	taskSizeRule   = "request and limit of the pod as a whole"
	dividedRule    = "divided over the containers, as request and limit: this Kubernetes keeps no resources of a pod"
)

var resourceFields = []Field{
	{
		Document: TaskDefinition, Path: "/cpu", Class: Translated, To: "Pod /spec/resources/limits/cpu, /spec/resources/requests/cpu",
		Rule: taskSizeRule, Except: "1024 units are one CPU, thousandths rounded up; " + dividedRule,
	},
	{
		Document: TaskDefinition, Path: "/memory", Class: Translated, To: "Pod /spec/resources/limits/memory, /spec/resources/requests/memory",
		Rule: taskSizeRule, Except: dividedRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/cpu", Class: Translated, To: "Pod /spec/containers/*/resources/requests/cpu",
		Rule:   "request: a share, no limit, as on Linux container instances",
		Except: "0 without a size of the task is the 2 shares that Docker gives (2m); a scaling policy on CPU measures against them, so nearly any use is far above its target",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/memory", Class: Translated, To: "Pod /spec/containers/*/resources/limits/memory",
		Rule: "limit, and request where there is no memoryReservation",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/memoryReservation", Class: Translated, To: "Pod /spec/containers/*/resources/requests/memory",
		Rule: "request",
	},
	{
		Document: Task, Path: "/overrides/cpu", Class: Translated, To: "Pod /spec/resources/limits/cpu, /spec/resources/requests/cpu",
		Rule: "replaces the definition's",
	},
	{
		Document: Task, Path: "/overrides/memory", Class: Translated, To: "Pod /spec/resources/limits/memory, /spec/resources/requests/memory",
		Rule: "replaces the definition's",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/cpu", Class: Translated, To: "Pod /spec/containers/*/resources/requests/cpu",
		Rule: "replaces the definition's",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/memory", Class: Translated, To: "Pod /spec/containers/*/resources/limits/memory",
		Rule: "replaces the definition's",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/memoryReservation", Class: Translated, To: "Pod /spec/containers/*/resources/requests/memory",
		Rule: "replaces the definition's",
	},
	{Document: TaskDefinition, Path: "/inferenceAccelerators", Class: Refused, Rule: "ECS itself has no inference accelerators any more"},
	{Document: Task, Path: "/overrides/inferenceAcceleratorOverrides", Class: Refused, Rule: "ECS itself has no inference accelerators any more"},
}

const (
	unitsPerCPU = 1024
	mebi        = 1 << 20
	// dockerShares is what the agent lets Docker give a container that asks for no
	// CPU (API reference, ContainerDefinition.cpu: below 2 is 2). As a request it is
	// also what a CPU utilisation is reckoned against: ECS reports one for such
	// tasks too, though its formula would divide by zero (seen on re:Post: a task of
	// two containers with cpu 0 at 20 percent, less than one of their four shares).
	// A target tracking policy on them scales out at nearly any use, there and here:
	// tasks that are to be scaled by their CPU reserve some.
	dockerShares = 2
)

// size is a task-level size: thousandths of a CPU, or bytes.
type size struct {
	amount int64
	at     source
}

func (r *renderer) resources() {
	cpu := r.taskSize("cpu", r.in.TaskDefinition.Cpu, cpuUnits)
	memory := r.taskSize("memory", r.in.TaskDefinition.Memory, mebibytes)
	if cpu != nil {
		cpu.amount = (cpu.amount*1000 + unitsPerCPU - 1) / unitsPerCPU
	}
	if memory != nil {
		memory.amount *= mebi
	}
	memoryFits := r.memoryFits(memory)
	for _, c := range r.containers {
		r.containerCPU(c, cpu != nil)
		r.containerMemory(c, memory != nil, memoryFits)
	}
	r.ephemeralStorage()
	r.taskResource(cpu, corev1.ResourceCPU)
	r.taskResource(memory, corev1.ResourceMemory)
}

// taskSize reads a size of the task from the overrides or the definition.
func (r *renderer) taskSize(member string, defined *string, parse func(string) (int64, bool)) *size {
	at, text := source{TaskDefinition, "/" + member}, value(defined)
	if o := r.in.Overrides; o != nil {
		override := map[string]*string{"cpu": o.Cpu, "memory": o.Memory}[member]
		if value(override) != "" {
			if text != "" {
				r.note(at, Represented, "replaced by /overrides/"+member)
			}
			at, text = source{Task, "/overrides/" + member}, *override
		}
	}
	if text == "" {
		return nil
	}
	amount, ok := parse(text)
	if !ok {
		r.refuse(at, "not a size that ECS knows")
		return nil
	}
	return &size{amount, at}
}

// taskResource writes a size of the task: for the pod, or else for its containers.
func (r *renderer) taskResource(s *size, name corev1.ResourceName) {
	if s == nil {
		return
	}
	if !r.in.Capabilities.PodLevelResources {
		r.divide(s.amount, name)
		r.translatedAs(s.at, "/spec/containers", dividedRule)
		return
	}
	if r.spec.Resources == nil {
		r.spec.Resources = &corev1.ResourceRequirements{Requests: corev1.ResourceList{}, Limits: corev1.ResourceList{}}
	}
	r.spec.Resources.Requests[name] = quantity(name, s.amount)
	r.spec.Resources.Limits[name] = quantity(name, s.amount)
	r.translatedAs(s.at, "/spec/resources/limits/"+string(name), taskSizeRule)
	r.translatedAs(s.at, "/spec/resources/requests/"+string(name), taskSizeRule)
}

// containerCPU writes a container's share. Where the task has a size, shares
// are rounded down so that their sum stays within it.
func (r *renderer) containerCPU(c *container, taskSized bool) {
	units := int64(c.def.Cpu)
	_, overridden := c.from["cpu"]
	switch {
	case units < 0:
		r.refuse(c.member("cpu"), "a number of CPU units is not negative")
		return
	case units == 0 && taskSized:
		if overridden {
			r.translatedAs(c.member("cpu"), "", "none: the container shares what the task has")
		}
		return
	case units == 0:
		units = dockerShares
	}
	milli := (units*1000 + unitsPerCPU - 1) / unitsPerCPU
	if taskSized {
		milli = max(units*1000/unitsPerCPU, 1)
	}
	c.request(corev1.ResourceCPU, milli)
	if c.def.Cpu != 0 || overridden {
		r.translated(c.member("cpu"), c.pointer("resources/requests/cpu"))
	}
}

// memoryFits is true where what the containers ask for is within the task's size.
func (r *renderer) memoryFits(task *size) bool {
	var sum int64
	for _, c := range r.containers {
		sum += int64(valueOr(c.def.MemoryReservation, value(c.def.Memory))) * mebi
	}
	return task == nil || sum <= task.amount
}

// containerMemory writes limit and request. A request beyond the task's size is
// not allowed; a limit without a request would be one too, hence the zero.
func (r *renderer) containerMemory(c *container, taskSized, fits bool) {
	limit, reservation := c.def.Memory, c.def.MemoryReservation
	if limit != nil {
		c.limit(corev1.ResourceMemory, int64(*limit)*mebi)
		r.translated(c.member("memory"), c.pointer("resources/limits/memory"))
	}
	if reservation != nil {
		r.translated(c.member("memoryReservation"), c.pointer("resources/requests/memory"))
	}
	asked := reservation
	if asked == nil {
		asked = limit
	}
	switch {
	case asked == nil:
	case taskSized && !fits:
		c.request(corev1.ResourceMemory, 0)
		r.translatedAs(c.memorySource(), c.pointer("resources/requests/memory"), overbookedRule)
	default:
		c.request(corev1.ResourceMemory, int64(*asked)*mebi)
	}
}

// memorySource is the member that a container's memory request comes from.
func (c *container) memorySource() source {
	if c.def.MemoryReservation != nil {
		return c.member("memoryReservation")
	}
	return c.member("memory")
}

// divide gives each container its own share of a task's size: what it asks for,
// and for those that ask for nothing equal parts of the rest. Init containers
// that end run alone and get all of it.
func (r *renderer) divide(total int64, name corev1.ResourceName) {
	var together, open []*container
	rest := total
	for _, c := range r.containers {
		if c.ends {
			c.request(name, total)
			c.limit(name, total)
			continue
		}
		together = append(together, c)
		if asked := c.requested(name); asked > 0 {
			rest -= asked
		} else {
			open = append(open, c)
		}
	}
	if len(open) == 0 {
		open = together
	}
	for i, c := range open {
		share := max(rest, 0) / int64(len(open)-i)
		rest -= share
		c.request(name, max(c.requested(name)+share, 1))
	}
	for _, c := range together {
		c.limit(name, c.requested(name))
	}
}

func (c *container) request(name corev1.ResourceName, amount int64) {
	if c.out.Resources.Requests == nil {
		c.out.Resources.Requests = corev1.ResourceList{}
	}
	c.out.Resources.Requests[name] = quantity(name, amount)
}

func (c *container) limit(name corev1.ResourceName, amount int64) {
	if c.out.Resources.Limits == nil {
		c.out.Resources.Limits = corev1.ResourceList{}
	}
	c.out.Resources.Limits[name] = quantity(name, amount)
}

func (c *container) requested(name corev1.ResourceName) int64 {
	q, ok := c.out.Resources.Requests[name]
	switch {
	case !ok:
		return 0
	case name == corev1.ResourceCPU:
		return q.MilliValue()
	default:
		return q.Value()
	}
}

func quantity(name corev1.ResourceName, amount int64) resource.Quantity {
	if name == corev1.ResourceCPU {
		return *resource.NewMilliQuantity(amount, resource.DecimalSI)
	}
	return *resource.NewQuantity(amount, resource.BinarySI)
}

var decimalNumber = regexp.MustCompile(`^([0-9]+\.?[0-9]*|\.[0-9]+)$`)

// cpuUnits reads a task's cpu: units, or a number of vCPUs (API reference,
// RegisterTaskDefinition: "1024", "1 vCPU").
func cpuUnits(text string) (int64, bool) {
	return parseSize(text, "vcpu")
}

// mebibytes reads a task's memory: MiB, or a number of GB ("1024", "1GB", "1 GB").
func mebibytes(text string) (int64, bool) {
	return parseSize(text, "gb")
}

func parseSize(text, unit string) (int64, bool) {
	number, withUnit := strings.CutSuffix(strings.ToLower(strings.TrimSpace(text)), unit)
	if !withUnit {
		n, err := strconv.ParseInt(number, 10, 32)
		return n, err == nil && n > 0
	}
	number = strings.TrimSpace(number)
	if !decimalNumber.MatchString(number) {
		return 0, false
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || n <= 0 || n > 1<<20 {
		return 0, false
	}
	return int64(n * unitsPerCPU), true
}
