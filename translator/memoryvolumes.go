package translator

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	tmpfsRule        = "a volume in memory, which counts in the container's own memory as on ECS"
	mountOptionsRule = "Kubernetes mounts a volume in memory with options of its own; rw and ro alone can be said"
	sharedMemoryPath = "/dev/shm"
)

var memoryVolumeFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/tmpfs/*/containerPath", Class: Translated,
		To: "Pod /spec/containers/*/volumeMounts/*/mountPath", Rule: tmpfsRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/tmpfs/*/size", Class: Translated,
		To: "Pod /spec/volumes/*/emptyDir/sizeLimit", Rule: "MiB",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/tmpfs/*/mountOptions", Class: Translated,
		To: "Pod /spec/containers/*/volumeMounts/*/readOnly", Rule: "rw and ro", Except: "other options are refused: " + mountOptionsRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/linuxParameters/sharedMemorySize", Class: Translated,
		To: "Pod /spec/volumes/*/emptyDir/sizeLimit", Rule: "MiB: a volume in memory at " + sharedMemoryPath,
	},
}

// memoryVolumes gives a container its file systems in memory. They come before
// its mount points, which may not take the same path.
func (r *renderer) memoryVolumes(c *container, l *types.LinuxParameters, at source) {
	if size := l.SharedMemorySize; size != nil {
		if *size < 1 {
			r.refuse(at.child("sharedMemorySize"), "a size is at least 1 MiB")
		} else {
			volume := r.memoryVolume(c, *size, sharedMemoryPath, false)
			r.translated(at.child("sharedMemorySize"), volume+"/emptyDir/sizeLimit")
		}
	}
	for i, t := range l.Tmpfs {
		r.tmpfs(c, t, at.child("tmpfs").child(strconv.Itoa(i)))
	}
}

func (r *renderer) tmpfs(c *container, t types.Tmpfs, at source) {
	readOnly, known := tmpfsOptions(t.MountOptions)
	switch path := value(t.ContainerPath); {
	case !known:
		r.refuse(at, "mountOptions: "+mountOptionsRule)
	case t.Size < 1 || !c.free(path):
		r.refuse(at, "a tmpfs has a size of at least 1 MiB and a path of its own")
	default:
		mount := len(c.out.VolumeMounts)
		volume := r.memoryVolume(c, t.Size, path, readOnly)
		r.translated(at.child("containerPath"), c.pointer("volumeMounts/"+strconv.Itoa(mount)+"/mountPath"))
		r.translated(at.child("size"), volume+"/emptyDir/sizeLimit")
		if len(t.MountOptions) > 0 {
			r.translated(at.child("mountOptions"), c.pointer("volumeMounts/"+strconv.Itoa(mount)+"/readOnly"))
		}
	}
}

// memoryVolume adds a volume in memory and its mount, and returns the volume's
// pointer.
func (r *renderer) memoryVolume(c *container, mib int32, path string, readOnly bool) string {
	name := "gantry-memory-" + strconv.Itoa(len(r.spec.Volumes))
	pointer := "/spec/volumes/" + strconv.Itoa(len(r.spec.Volumes))
	r.spec.Volumes = append(r.spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		EmptyDir: &corev1.EmptyDirVolumeSource{
			Medium: corev1.StorageMediumMemory, SizeLimit: resource.NewQuantity(int64(mib)*mebi, resource.BinarySI),
		},
	}})
	c.out.VolumeMounts = append(c.out.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: path, ReadOnly: readOnly})
	return pointer
}

func tmpfsOptions(options []string) (readOnly, known bool) {
	for _, option := range options {
		switch option {
		case "ro":
			readOnly = true
		case "rw":
			readOnly = false
		default:
			return false, false
		}
	}
	return readOnly, true
}

// free is true for a path at which a volume can be mounted.
func (c *container) free(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.Contains(path, ":") {
		return false
	}
	for _, m := range c.out.VolumeMounts {
		if m.MountPath == path {
			return false
		}
	}
	return true
}
