package translator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const (
	// sharedVolumes is where the node keeps what Docker would keep as a volume.
	sharedVolumes  = "/var/lib/gantry/volumes/"
	dockerTaskRule = "an empty directory that lives as long as the task"
	dockerShared   = "a directory of the node under " + sharedVolumes + ", made where it is not there"
	dockerExisting = "a directory of the node under " + sharedVolumes + ", which must be there"
	otherDriver    = "volumes of Docker's own driver alone have a counterpart, without options"
	efsRule        = "a claim of the cluster's namespace, which stands for the file system (and its access point) and must be there"
	claimRule      = "how the file system is reached is said by the volume that the claim is bound to"
)

var remoteVolumeFields = []Field{
	{
		Document: TaskDefinition, Path: "/volumes/*/dockerVolumeConfiguration/scope", Class: Translated, To: "Pod /spec/volumes/*/emptyDir, hostPath",
		Rule: "task: " + dockerTaskRule + ". shared with autoprovision: " + dockerShared + ". shared without: " + dockerExisting,
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/dockerVolumeConfiguration/autoprovision", Class: Translated, To: "Pod /spec/volumes/*/hostPath/type",
		Rule: "whether the node makes the directory",
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/dockerVolumeConfiguration/driver", Class: Translated, To: "Pod /spec/volumes/*/emptyDir, hostPath",
		Rule: "local", Except: "others are refused: " + otherDriver,
	},
	{Document: TaskDefinition, Path: "/volumes/*/dockerVolumeConfiguration/driverOpts", Class: Refused, Rule: otherDriver},
	{
		Document: TaskDefinition, Path: "/volumes/*/dockerVolumeConfiguration/labels/*", Class: Represented,
		Rule: "labels of a volume of Docker, which no process sees; stored, and given back",
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/efsVolumeConfiguration/fileSystemId", Class: Translated, To: "Pod /spec/volumes/*/persistentVolumeClaim/claimName",
		Rule: efsRule,
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/efsVolumeConfiguration/rootDirectory", Class: Translated, To: "Pod /spec/containers/*/volumeMounts/*/subPath",
		Rule: "as given, without the first /",
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/efsVolumeConfiguration/authorizationConfig/accessPointId", Class: Translated,
		To: "Pod /spec/volumes/*/persistentVolumeClaim/claimName", Rule: efsRule,
	},
	{Document: TaskDefinition, Path: "/volumes/*/efsVolumeConfiguration/authorizationConfig/iam", Class: Represented, Rule: claimRule},
	{Document: TaskDefinition, Path: "/volumes/*/efsVolumeConfiguration/transitEncryption", Class: Represented, Rule: claimRule},
	{Document: TaskDefinition, Path: "/volumes/*/efsVolumeConfiguration/transitEncryptionPort", Class: Represented, Rule: claimRule},
	{
		Document: TaskDefinition, Path: "/volumes/*/fsxWindowsFileServerVolumeConfiguration", Class: Refused,
		Rule: "a share of a Windows file server is mounted on Windows nodes alone, which Gantry has no tasks for",
	},
	{
		Document: TaskDefinition, Path: "/volumes/*/s3filesVolumeConfiguration", Class: Refused,
		Rule: "Kubernetes has no volume that stands for a file system of S3 Files",
	},
}

// dockerVolume: Docker keeps a volume on the node, for the task or for all that
// name it.
func (r *renderer) dockerVolume(v types.Volume, at source, pointer string) corev1.VolumeSource {
	d := v.DockerVolumeConfiguration
	out, rule, pointer := dockerDirectory(v, pointer)
	switch driver := value(d.Driver); {
	case driver != "" && driver != "local":
		r.refuse(at.child("driver"), otherDriver)
	case d.Driver != nil:
		r.translated(at.child("driver"), pointer)
	}
	if d.Scope != "" {
		r.translatedAs(at.child("scope"), pointer, rule)
	}
	if d.Autoprovision != nil {
		r.translatedAs(at.child("autoprovision"), pointer, rule)
	}
	return out
}

func dockerDirectory(v types.Volume, pointer string) (out corev1.VolumeSource, rule, at string) {
	d := v.DockerVolumeConfiguration
	if d.Scope != types.ScopeShared {
		return corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}, dockerTaskRule, pointer + "/emptyDir"
	}
	kind, rule := corev1.HostPathDirectory, dockerExisting
	if value(d.Autoprovision) {
		kind, rule = corev1.HostPathDirectoryOrCreate, dockerShared
	}
	return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: sharedVolumes + value(v.Name), Type: &kind}}, rule, pointer + "/hostPath"
}

// EFSClaim derives the claim that stands for an EFS file system, or for an
// access point of one: efs.readable.hash where the ids are no DNS labels.
func EFSClaim(fileSystem, accessPoint string) string {
	id := fileSystem
	if accessPoint != "" {
		id += "." + accessPoint
	}
	if isLabel(fileSystem) && (accessPoint == "" || isLabel(accessPoint)) {
		return "efs." + id
	}
	return "efs." + slug(id, maxSecretSlug) + "." + hashOf(id)
}

func (r *renderer) efsVolume(v types.Volume, at source, pointer string) corev1.VolumeSource {
	e := v.EfsVolumeConfiguration
	accessPoint := ""
	if e.AuthorizationConfig != nil {
		accessPoint = value(e.AuthorizationConfig.AccessPointId)
	}
	claim := EFSClaim(value(e.FileSystemId), accessPoint)
	r.translatedAs(at.child("fileSystemId"), pointer+"/persistentVolumeClaim/claimName", efsRule+": "+claim)
	if accessPoint != "" {
		r.translatedAs(at.child("authorizationConfig").child("accessPointId"), pointer+"/persistentVolumeClaim/claimName", efsRule+": "+claim)
	}
	if root := value(e.RootDirectory); root != "" {
		if hasParent(root) || !strings.HasPrefix(root, "/") {
			r.refuse(at.child("rootDirectory"), "a directory of the file system begins with / and has no .. in it")
		} else {
			r.translated(at.child("rootDirectory"), "/spec/containers")
		}
	}
	return corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim}}
}
