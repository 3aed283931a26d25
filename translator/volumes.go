package translator

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	emptyDirRule    = "an empty directory that lives as long as the task; unlike Docker, Kubernetes copies nothing of the image into it"
	hostPathRule    = "the node's directory, made where it is not there"
	volumesFromRule = "the other container's mount points, but for the paths at which this one has volumes of its own; what the other's image declares as a volume is not among them"
	asItIsRule      = "the node's file or directory as it is: Gantry makes nothing in the system's own directories"
)

var volumeFields = []Field{
	{
		Document: TaskDefinition, Path: "/volumes/*/name", Class: Translated, To: "Pod /spec/volumes/*/name",
		Rule: "made a DNS label, with a hash, where it is none",
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/host/sourcePath", Class: Translated, To: "Pod /spec/volumes/*/hostPath/path",
		Rule: hostPathRule, Except: "without it: " + emptyDirRule + ". Under /dev, /etc, /proc, /run, /sys and /var/run: " + asItIsRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/mountPoints/*/sourceVolume", Class: Translated, To: "Pod /spec/containers/*/volumeMounts/*/name",
		Rule: "the volume's name",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/mountPoints/*/containerPath", Class: Translated, To: "Pod /spec/containers/*/volumeMounts/*/mountPath",
		Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/mountPoints/*/readOnly", Class: Translated, To: "Pod /spec/containers/*/volumeMounts/*/readOnly",
		Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/volumesFrom/*/sourceContainer", Class: Translated, To: "Pod /spec/containers/*/volumeMounts",
		Rule: volumesFromRule,
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/volumesFrom/*/readOnly", Class: Translated, To: "Pod /spec/containers/*/volumeMounts/*/readOnly",
		Rule: "of all the volumes that are taken over",
	},
}

// systemPaths hold files, sockets and devices that a directory must not replace.
var systemPaths = []string{"/dev", "/etc", "/proc", "/run", "/sys", "/var/run"}

func (r *renderer) volumes() {
	for i, v := range r.in.TaskDefinition.Volumes {
		at := source{TaskDefinition, "/volumes/" + strconv.Itoa(i)}
		pointer := "/spec/volumes/" + strconv.Itoa(len(r.spec.Volumes))
		out := corev1.Volume{Name: VolumeName(value(v.Name))}
		r.translated(at.child("name"), pointer+"/name")
		out.VolumeSource = r.volumeSource(v, at, pointer)
		r.spec.Volumes = append(r.spec.Volumes, out)
	}
}

// volumeSource: a volume has at most one configuration.
func (r *renderer) volumeSource(v types.Volume, at source, pointer string) corev1.VolumeSource {
	if v.ConfiguredAtLaunch != nil && !*v.ConfiguredAtLaunch {
		r.note(at.child("configuredAtLaunch"), Represented, "false: an ordinary volume")
	}
	switch {
	case value(v.ConfiguredAtLaunch):
		return r.launchVolume(v, at, pointer)
	case v.DockerVolumeConfiguration != nil:
		return r.dockerVolume(v, at.child("dockerVolumeConfiguration"), pointer)
	case v.EfsVolumeConfiguration != nil:
		return r.efsVolume(v, at.child("efsVolumeConfiguration"), pointer)
	default:
		return r.hostVolume(v, at.child("host"), pointer)
	}
}

// hostVolume is a bind mount or, without a path, an empty volume (API
// reference, HostVolumeProperties).
func (r *renderer) hostVolume(v types.Volume, at source, pointer string) corev1.VolumeSource {
	path := ""
	if v.Host != nil {
		path = value(v.Host.SourcePath)
	}
	switch {
	case path == "":
		if v.Host != nil {
			r.translatedAs(at, pointer+"/emptyDir", emptyDirRule)
		}
		return corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
	case !strings.HasPrefix(path, "/") || hasParent(path):
		r.refuse(at.child("sourcePath"), "a path on the node begins with / and has no .. in it")
		return corev1.VolumeSource{}
	case isSystemPath(path):
		r.translatedAs(at.child("sourcePath"), pointer+"/hostPath/path", asItIsRule)
		return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path}}
	default:
		r.translated(at.child("sourcePath"), pointer+"/hostPath/path")
		return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: path, Type: new(corev1.HostPathDirectoryOrCreate)}}
	}
}

func isSystemPath(path string) bool {
	for _, system := range systemPaths {
		if path == system || strings.HasPrefix(path, system+"/") {
			return true
		}
	}
	return false
}

func hasParent(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "..")
}

func (r *renderer) mountPoints(c *container) {
	for i, m := range c.def.MountPoints {
		at := c.member("mountPoints").child(strconv.Itoa(i))
		switch path := value(m.ContainerPath); {
		case !c.free(path):
			r.refuse(at, "a container mounts one volume at a containerPath, which begins with / and has no colon")
			continue
		case !r.hasVolume(value(m.SourceVolume)):
			r.refuse(at, "the task definition has no volume of this name")
			continue
		}
		pointer := c.pointer("volumeMounts/" + strconv.Itoa(len(c.out.VolumeMounts)))
		c.out.VolumeMounts = append(c.out.VolumeMounts, r.mount(m, false))
		r.translated(at.child("sourceVolume"), pointer+"/name")
		r.translated(at.child("containerPath"), pointer+"/mountPath")
		if m.ReadOnly != nil {
			r.translated(at.child("readOnly"), pointer+"/readOnly")
		}
	}
}

func (r *renderer) mount(m types.MountPoint, readOnly bool) corev1.VolumeMount {
	return corev1.VolumeMount{
		Name: VolumeName(value(m.SourceVolume)), MountPath: value(m.ContainerPath),
		ReadOnly: readOnly || value(m.ReadOnly), SubPath: r.subPath(value(m.SourceVolume)),
	}
}

// subPath is the directory in the volume that is mounted in place of its root.
func (r *renderer) subPath(volume string) string {
	for _, v := range r.in.TaskDefinition.Volumes {
		if e := v.EfsVolumeConfiguration; e != nil && value(v.Name) == volume {
			return strings.Trim(value(e.RootDirectory), "/")
		}
	}
	return ""
}

func (r *renderer) hasVolume(name string) bool {
	for _, v := range r.in.TaskDefinition.Volumes {
		if value(v.Name) == name {
			return true
		}
	}
	return false
}
