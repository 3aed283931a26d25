package taskdef_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// volume adds v and mounts it.
func volume(v types.Volume) mutation {
	return func(in *ecs.RegisterTaskDefinitionInput) {
		v.Name = aws.String("data")
		in.Volumes = []types.Volume{v}
		in.ContainerDefinitions[0].MountPoints = []types.MountPoint{{SourceVolume: aws.String("data"), ContainerPath: aws.String("/data")}}
	}
}

func efs(change func(e *types.EFSVolumeConfiguration)) mutation {
	e := &types.EFSVolumeConfiguration{FileSystemId: aws.String("fs-1"), AuthorizationConfig: &types.EFSAuthorizationConfig{}}
	change(e)
	return volume(types.Volume{EfsVolumeConfiguration: e})
}

func TestVolumes(t *testing.T) {
	checkRefusals(t, []refusal{
		{"empty", volume(types.Volume{}), ""},
		{"no name", func(in *ecs.RegisterTaskDefinitionInput) { in.Volumes = make([]types.Volume, 1) }, "ClientException: Volume.name should not be null or empty."},
		{"bad name", func(in *ecs.RegisterTaskDefinitionInput) { in.Volumes = []types.Volume{{Name: aws.String("a/b")}} }, "ClientException: Volume.name contains invalid characters."},
		{"same name", func(in *ecs.RegisterTaskDefinitionInput) {
			in.Volumes = []types.Volume{{Name: aws.String("a")}, {Name: aws.String("a")}}
		}, "ClientException: Volume names must be unique within a task definition"},
		{
			"two kinds", volume(types.Volume{Host: &types.HostVolumeProperties{}, DockerVolumeConfiguration: &types.DockerVolumeConfiguration{}}),
			"ClientException: Invalid setting for volume 'data'. Only one volume configuration can be specified.",
		},
		{"mount of an unknown one", web(func(c *types.ContainerDefinition) {
			c.MountPoints = []types.MountPoint{{SourceVolume: aws.String("ghost"), ContainerPath: aws.String("/g")}}
		}), "ClientException: Unknown volume 'ghost'."},
		{"volumes from an unknown one", web(func(c *types.ContainerDefinition) {
			c.VolumesFrom = []types.VolumeFrom{{SourceContainer: aws.String("ghost")}}
		}), "ClientException: Invalid 'volumesFrom' setting. Unknown container: 'ghost'"},
		{"at launch, mounted", volume(types.Volume{ConfiguredAtLaunch: aws.Bool(true)}), ""},
		{"at launch, not mounted", func(in *ecs.RegisterTaskDefinitionInput) {
			in.Volumes = []types.Volume{{Name: aws.String("ebs"), ConfiguredAtLaunch: aws.Bool(true)}}
		}, "ClientException: Volumes [ebs] are not referenced by any of the containers"},
		{"EFS", efs(func(*types.EFSVolumeConfiguration) {}), ""},
		{
			"EFS IAM in the clear", efs(func(e *types.EFSVolumeConfiguration) { e.AuthorizationConfig.Iam = "ENABLED" }),
			"ClientException: EFS IAM authorization requires TransitEncryption to be enabled",
		},
		{"EFS access point and root", efs(func(e *types.EFSVolumeConfiguration) {
			e.TransitEncryption, e.RootDirectory, e.AuthorizationConfig.AccessPointId = "ENABLED", aws.String("/x"), aws.String("fsap-1")
		}), `ClientException: When using an EFS access point, the root directory must either be set to "/" or be omitted`},
		{
			"EFS access point in the clear", efs(func(e *types.EFSVolumeConfiguration) { e.AuthorizationConfig.AccessPointId = aws.String("fsap-1") }),
			"ClientException: EFS access point requires TransitEncryption to be enabled",
		},
		{
			"EFS port in the clear", efs(func(e *types.EFSVolumeConfiguration) { e.TransitEncryptionPort = aws.Int32(2999) }),
			"ClientException: TransitEncryptionPort requires that TransitEncryption is enabled",
		},
		{
			"S3 Files without a role", volume(types.Volume{S3filesVolumeConfiguration: &types.S3FilesVolumeConfiguration{FileSystemArn: aws.String("arn:aws:s3files:us-east-1:1:file-system/fs-1")}}),
			"ClientException: When you are specifying an S3 Files volume, you must also specify a value for 'taskRoleArn'",
		},
		{
			"ephemeral on EC2", func(in *ecs.RegisterTaskDefinitionInput) {
				in.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: 30}
			},
			"ClientException: Tasks using the EC2 launch type do not support EphemeralStorage",
		},
		{
			"ephemeral too small", onFargate(func(in *ecs.RegisterTaskDefinitionInput) {
				in.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: 20}
			}),
			"ClientException: EphemeralStorage size should be at least 21",
		},
		{
			"ephemeral too large", onFargate(func(in *ecs.RegisterTaskDefinitionInput) {
				in.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: 201}
			}),
			"ClientException: EphemeralStorage size should be at most 200",
		},
	})
}
