package translator

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	gpuResource  = corev1.ResourceName("nvidia.com/gpu")
	gpuRule      = "so many GPUs of the node for this container alone, where the node has NVIDIA's device plugin"
	storageRule  = "request and limit of the first container, which Kubernetes holds the pod's containers to together"
	sharingRule  = "how a GPU is shared is a setting of the node's device plugin"
	onlyGPUsRule = "a pod asks for a number of GPUs; all of a node's devices, and devices of other types, have no counterpart"
)

var deviceFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/resourceRequirements/*/type", Class: Translated,
		To: "Pod /spec/containers/*/resources/limits/nvidia.com~1gpu", Rule: gpuRule, Except: "other types than GPU are refused",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/resourceRequirements/*/value", Class: Translated,
		To: "Pod /spec/containers/*/resources/limits/nvidia.com~1gpu", Rule: gpuRule, Except: "ALL is refused",
	},
	{Document: TaskDefinition, Path: "/containerDefinitions/*/resourceRequirements/*/sharingStrategy", Class: Refused, Rule: sharingRule},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/resourceRequirements/*/type", Class: Translated,
		To: "Pod /spec/containers/*/resources/limits/nvidia.com~1gpu", Rule: "in place of the definition's",
	},
	{
		Document: Task, Path: "/overrides/containerOverrides/*/resourceRequirements/*/value", Class: Translated,
		To: "Pod /spec/containers/*/resources/limits/nvidia.com~1gpu", Rule: "in place of the definition's",
	},
	{Document: Task, Path: "/overrides/containerOverrides/*/resourceRequirements/*/sharingStrategy", Class: Refused, Rule: sharingRule},
	{
		Document: TaskDefinition, Path: "/ephemeralStorage/sizeInGiB", Class: Translated,
		To: "Pod /spec/containers/*/resources/limits/ephemeral-storage", Rule: storageRule,
	},
	{
		Document: Task, Path: "/overrides/ephemeralStorage/sizeInGiB", Class: Translated,
		To: "Pod /spec/containers/*/resources/limits/ephemeral-storage", Rule: "in place of the definition's",
	},
}

// devices asks for the GPUs of a container.
func (r *renderer) devices(c *container) {
	for i, requirement := range c.def.ResourceRequirements {
		at := c.member("resourceRequirements").child(strconv.Itoa(i))
		count, err := strconv.ParseInt(value(requirement.Value), 10, 32)
		switch {
		case requirement.SharingStrategy != nil:
			r.refuse(at.child("sharingStrategy"), sharingRule)
		case requirement.Type != types.ResourceTypeGpu || err != nil || count < 1:
			r.refuse(at, onlyGPUsRule)
			continue
		case c.out.Resources.Limits[gpuResource] != (resource.Quantity{}):
			r.refuse(at, "the container asks for GPUs twice")
			continue
		default:
			if c.out.Resources.Limits == nil {
				c.out.Resources.Limits = corev1.ResourceList{}
			}
			c.out.Resources.Limits[gpuResource] = *resource.NewQuantity(count, resource.DecimalSI)
			r.translated(at.child("value"), c.pointer("resources/limits/"+escapePointer(string(gpuResource))))
		}
		r.translated(at.child("type"), c.pointer("resources/limits/"+escapePointer(string(gpuResource))))
	}
}

// ephemeralStorage is the task's disk. A pod as a whole has no such size, but
// the kubelet evicts it when its containers together go beyond the sum of theirs.
func (r *renderer) ephemeralStorage() {
	at, storage := source{TaskDefinition, "/ephemeralStorage"}, r.in.TaskDefinition.EphemeralStorage
	if o := r.in.Overrides; o != nil && o.EphemeralStorage != nil {
		if storage != nil {
			r.note(at, Represented, "replaced by /overrides/ephemeralStorage")
		}
		at, storage = source{Task, "/overrides/ephemeralStorage"}, o.EphemeralStorage
	}
	if storage == nil {
		return
	}
	for _, c := range r.containers {
		if c.place.init {
			continue
		}
		c.request(corev1.ResourceEphemeralStorage, int64(storage.SizeInGiB)<<30)
		c.limit(corev1.ResourceEphemeralStorage, int64(storage.SizeInGiB)<<30)
		r.translated(at.child("sizeInGiB"), c.pointer("resources/limits/ephemeral-storage"))
		return
	}
	r.refuse(at, "no container of the task is one that stays")
}
