package translator

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	launchRule   = "a volume of its own for the task, which is made with it and goes with it"
	ebsRule      = "the storage class says how its volumes are made; a claim cannot"
	launchedRule = "stored; the storage class says how its volumes are made"
)

const ebs = "/volumeConfigurations/*/managedEBSVolume/"

var launchVolumeFields = []Field{
	{
		Document: TaskDefinition, Path: "/volumes/*/configuredAtLaunch", Class: Translated, To: "Pod /spec/volumes/*/ephemeral",
		Rule: launchRule, Except: "false: an ordinary volume",
	},
	{Document: Task, Path: "/volumeConfigurations/*/name", Class: Represented, Rule: "names the volume of the definition"},
	{Document: Task, Path: ebs + "sizeInGiB", Class: Translated, To: "Pod /spec/volumes/*/ephemeral/volumeClaimTemplate/spec/resources", Rule: "as given"},
	{
		Document: Task, Path: ebs + "volumeType", Class: Translated, To: "Pod /spec/volumes/*/ephemeral/volumeClaimTemplate/spec/storageClassName",
		Rule: "the storage class of this name; the cluster's default where none is given",
	},
	{Document: Task, Path: ebs + "roleArn", Class: Represented, Rule: "the cluster's storage driver acts by its own rights"},
	{
		Document: Task, Path: ebs + "terminationPolicy", Class: Refused, Rule: "the volume goes with the task",
		Harmless: deletedWithTask, Except: "deleteOnTermination true: the volume goes with the task",
	},
	{Document: Task, Path: ebs + "filesystemType", Class: Represented, Rule: launchedRule},
	{Document: Task, Path: ebs + "tagSpecifications/*/propagateTags", Class: Represented, Rule: launchedRule},
	{Document: Task, Path: ebs + "tagSpecifications/*/resourceType", Class: Represented, Rule: launchedRule},
	{Document: Task, Path: ebs + "tagSpecifications/*/tags/*/key", Class: Represented, Rule: launchedRule},
	{Document: Task, Path: ebs + "tagSpecifications/*/tags/*/value", Class: Represented, Rule: launchedRule},
	{Document: Task, Path: ebs + "encrypted", Class: Refused, Rule: ebsRule, Harmless: isFalse, Except: "false: as the storage class says"},
	{Document: Task, Path: ebs + "iops", Class: Refused, Rule: ebsRule},
	{Document: Task, Path: ebs + "kmsKeyId", Class: Refused, Rule: ebsRule},
	{Document: Task, Path: ebs + "snapshotId", Class: Refused, Rule: "a claim is made from snapshots of Kubernetes, and not of EBS"},
	{Document: Task, Path: ebs + "throughput", Class: Refused, Rule: ebsRule},
	{Document: Task, Path: ebs + "volumeInitializationRate", Class: Refused, Rule: ebsRule},
}

// TaskVolumes are a service's volumes as each of its tasks gets one. They go with
// the task (API reference, ServiceManagedEBSVolumeConfiguration).
func TaskVolumes(given []types.ServiceVolumeConfiguration) []types.TaskVolumeConfiguration {
	var volumes []types.TaskVolumeConfiguration
	for _, v := range given {
		volume := types.TaskVolumeConfiguration{Name: v.Name}
		if ebs := v.ManagedEBSVolume; ebs != nil {
			volume.ManagedEBSVolume = &types.TaskManagedEBSVolumeConfiguration{
				RoleArn: ebs.RoleArn, Encrypted: ebs.Encrypted, FilesystemType: ebs.FilesystemType, Iops: ebs.Iops, KmsKeyId: ebs.KmsKeyId,
				SizeInGiB: ebs.SizeInGiB, SnapshotId: ebs.SnapshotId, TagSpecifications: ebs.TagSpecifications, Throughput: ebs.Throughput,
				VolumeInitializationRate: ebs.VolumeInitializationRate, VolumeType: ebs.VolumeType,
			}
		}
		volumes = append(volumes, volume)
	}
	return volumes
}

// launchVolumes refuses what the call says of volumes that are none of its own.
func (r *renderer) launchVolumes() {
	for i, given := range r.in.VolumeConfigurations {
		atLaunch := func(v types.Volume) bool { return value(v.Name) == value(given.Name) && value(v.ConfiguredAtLaunch) }
		if !slices.ContainsFunc(r.in.TaskDefinition.Volumes, atLaunch) {
			r.refuse(source{Task, "/volumeConfigurations/" + strconv.Itoa(i)}, "the task definition has no volume of this name that is configured at launch")
		}
	}
}

// launchVolume is made from what the call says of the volume.
func (r *renderer) launchVolume(v types.Volume, at source, pointer string) corev1.VolumeSource {
	for i, given := range r.in.VolumeConfigurations {
		if value(given.Name) != value(v.Name) {
			continue
		}
		from := source{Task, "/volumeConfigurations/" + strconv.Itoa(i)}.child("managedEBSVolume")
		r.translatedAs(at.child("configuredAtLaunch"), pointer+"/ephemeral", launchRule)
		if given.ManagedEBSVolume == nil || value(given.ManagedEBSVolume.SizeInGiB) < 1 {
			r.refuse(from, "the volume needs a sizeInGiB")
			return corev1.VolumeSource{}
		}
		return r.claimTemplate(given.ManagedEBSVolume, from, pointer+"/ephemeral/volumeClaimTemplate/spec")
	}
	r.translatedAs(at.child("configuredAtLaunch"), pointer+"/ephemeral", launchRule)
	r.refuse(source{Task, "/volumeConfigurations"}, "the volume "+value(v.Name)+" is configured at launch, and the call says nothing of it")
	return corev1.VolumeSource{}
}

func (r *renderer) claimTemplate(volume *types.TaskManagedEBSVolumeConfiguration, from source, pointer string) corev1.VolumeSource {
	spec := corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{
			corev1.ResourceStorage: *resource.NewQuantity(int64(*volume.SizeInGiB)<<30, resource.BinarySI),
		}},
		StorageClassName: volume.VolumeType,
	}
	r.translated(from.child("sizeInGiB"), pointer+"/resources")
	if volume.VolumeType != nil {
		r.translated(from.child("volumeType"), pointer+"/storageClassName")
	}
	return corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{Spec: spec}}}
}

func deletedWithTask(v reflect.Value) bool {
	policy, ok := reflect.TypeAssert[types.TaskManagedEBSVolumeTerminationPolicy](v)
	return ok && value(policy.DeleteOnTermination)
}
