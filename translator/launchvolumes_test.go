package translator

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestTaskVolumes: a task's volume has every member of its service's, those of
// later versions of the SDK included.
func TestTaskVolumes(t *testing.T) {
	given := types.ServiceManagedEBSVolumeConfiguration{
		RoleArn: aws.String("role"), Encrypted: aws.Bool(true), FilesystemType: types.TaskFilesystemTypeXfs, Iops: aws.Int32(1), KmsKeyId: aws.String("key"),
		SizeInGiB: aws.Int32(2), SnapshotId: aws.String("snap"), TagSpecifications: []types.EBSTagSpecification{{ResourceType: types.EBSResourceTypeVolume}},
		Throughput: aws.Int32(3), VolumeInitializationRate: aws.Int32(4), VolumeType: aws.String("gp3"),
	}
	volumes := TaskVolumes([]types.ServiceVolumeConfiguration{{Name: aws.String("data"), ManagedEBSVolume: &given}, {Name: aws.String("bare")}})
	if len(volumes) != 2 || *volumes[0].Name != "data" || volumes[1].ManagedEBSVolume != nil {
		t.Fatalf("the volumes are %+v", volumes)
	}
	from, to := reflect.ValueOf(given), reflect.ValueOf(*volumes[0].ManagedEBSVolume)
	for i := range from.NumField() {
		field := from.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		if from.Field(i).IsZero() {
			t.Errorf("the test does not set %s", field.Name)
		}
		if got := to.FieldByName(field.Name); !got.IsValid() || !reflect.DeepEqual(got.Interface(), from.Field(i).Interface()) {
			t.Errorf("%s is not taken over", field.Name)
		}
	}
}
