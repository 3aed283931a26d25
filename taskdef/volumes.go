package taskdef

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// API reference, EphemeralStorage.
const (
	minEphemeralGiB = 21
	maxEphemeralGiB = 200
)

// validateVolumes looks at the volumes alone. ECS's words are not known for
// names, doubles and two configurations in one volume.
func validateVolumes(in *ecs.RegisterTaskDefinitionInput) error {
	seen := map[string]bool{}
	atLaunch := 0
	for _, v := range in.Volumes {
		name := aws.ToString(v.Name)
		switch {
		case name == "":
			return nullOrEmpty("Volume", "name")
		case !ValidName(name):
			return clientException("Volume.name contains invalid characters.")
		case seen[name]:
			return clientException("Volume names must be unique within a task definition")
		case configurations(v) > 1:
			return clientException("Invalid setting for volume '%s'. Only one volume configuration can be specified.", name)
		}
		seen[name] = true
		if aws.ToBool(v.ConfiguredAtLaunch) {
			atLaunch++
		}
		if err := validateEFS(v.EfsVolumeConfiguration); err != nil {
			return err
		}
		if v.S3filesVolumeConfiguration != nil && aws.ToString(in.TaskRoleArn) == "" {
			return clientException("When you are specifying an S3 Files volume, you must also specify a value for 'taskRoleArn'")
		}
	}
	if atLaunch > 1 {
		return clientException("Only one volume can be configured at launch")
	}
	return nil
}

func configurations(v types.Volume) int {
	n := 0
	for _, set := range []bool{
		v.Host != nil, v.DockerVolumeConfiguration != nil, v.EfsVolumeConfiguration != nil,
		v.FsxWindowsFileServerVolumeConfiguration != nil, v.S3filesVolumeConfiguration != nil,
		aws.ToBool(v.ConfiguredAtLaunch),
	} {
		if set {
			n++
		}
	}
	return n
}

func validateEFS(e *types.EFSVolumeConfiguration) error {
	if e == nil {
		return nil
	}
	encrypted := e.TransitEncryption == types.EFSTransitEncryptionEnabled
	if a := e.AuthorizationConfig; a != nil {
		if a.Iam == types.EFSAuthorizationConfigIAMEnabled && !encrypted {
			return clientException("EFS IAM authorization requires TransitEncryption to be enabled")
		}
		if aws.ToString(a.AccessPointId) != "" {
			if root := aws.ToString(e.RootDirectory); root != "" && root != "/" {
				return clientException(`When using an EFS access point, the root directory must either be set to "/" or be omitted`)
			}
			// API reference, EFSAuthorizationConfig.accessPointId; the words are not known.
			if !encrypted {
				return clientException("EFS access point requires TransitEncryption to be enabled")
			}
		}
	}
	if e.TransitEncryptionPort != nil && !encrypted {
		return clientException("TransitEncryptionPort requires that TransitEncryption is enabled")
	}
	return nil
}

// validateMounts looks at how containers use the volumes, and each other's.
func validateMounts(in *ecs.RegisterTaskDefinitionInput) error {
	mounted := map[string]bool{}
	for _, c := range in.ContainerDefinitions {
		for _, m := range c.MountPoints {
			source := aws.ToString(m.SourceVolume)
			if !slices.ContainsFunc(in.Volumes, func(v types.Volume) bool { return *v.Name == source }) {
				return clientException("Unknown volume '%s'.", source)
			}
			// Not a member that the API marks as required, but nothing can be
			// mounted without it.
			if aws.ToString(m.ContainerPath) == "" {
				return nullOrEmpty("MountPoint", "containerPath")
			}
			mounted[source] = true
		}
		for _, v := range c.VolumesFrom {
			if source := aws.ToString(v.SourceContainer); !knownContainer(in, source) {
				return clientException("Invalid 'volumesFrom' setting. Unknown container: '%s'", source)
			}
		}
	}
	var unused []string
	for _, v := range in.Volumes {
		if aws.ToBool(v.ConfiguredAtLaunch) && !mounted[*v.Name] {
			unused = append(unused, *v.Name)
		}
	}
	if len(unused) > 0 {
		return clientException("Volumes [%s] are not referenced by any of the containers", strings.Join(unused, ", "))
	}
	return nil
}

func knownContainer(in *ecs.RegisterTaskDefinitionInput, name string) bool {
	_, ok := containerNamed(in, name)
	return ok
}

func validateEphemeralStorage(in *ecs.RegisterTaskDefinitionInput) error {
	e := in.EphemeralStorage
	switch {
	case e == nil:
		return nil
	case !forFargate(in):
		return clientException("Tasks using the EC2 launch type do not support EphemeralStorage")
	case e.SizeInGiB < minEphemeralGiB:
		return clientException("EphemeralStorage size should be at least %d", minEphemeralGiB)
	case e.SizeInGiB > maxEphemeralGiB:
		return clientException("EphemeralStorage size should be at most %d", maxEphemeralGiB)
	}
	return nil
}

// fillVolume: a volume without a configuration is an empty one on the host.
func fillVolume(v *types.Volume) {
	if configurations(*v) == 0 {
		v.Host = &types.HostVolumeProperties{}
	}
}
