package translator

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// The types of a task's attachments (API reference, Attachment; recorded answers).
const (
	eniType    = "ElasticNetworkInterface"
	volumeType = "AmazonElasticBlockStorage"
)

// hasENI: the network interface is the first of the attachments.
func hasENI(task *types.Task) bool {
	return len(task.Attachments) > 0 && aws.ToString(task.Attachments[0].Type) == eniType
}

// volumeAttachment is what is known of a volume before it is there. Its id in EC2
// never is.
func volumeAttachment(v types.TaskVolumeConfiguration) types.Attachment {
	attachment := types.Attachment{Type: aws.String(volumeType)}
	if v.ManagedEBSVolume != nil {
		attachment.Details = []types.KeyValuePair{{Name: aws.String("roleArn"), Value: v.ManagedEBSVolume.RoleArn}}
	}
	attachment.Details = append(attachment.Details, types.KeyValuePair{Name: aws.String("volumeName"), Value: v.Name},
		types.KeyValuePair{Name: aws.String("deleteOnTermination"), Value: aws.String("true")})
	return attachment
}

// volumes: a pod's containers start when its volumes are there.
func (b *taskBuilder) volumes() {
	for i := range b.task.Attachments {
		attachment := &b.task.Attachments[i]
		if aws.ToString(attachment.Type) != volumeType {
			continue
		}
		attachment.Id = aws.String(derivedUUID(b.taskID, "volume/"+detail(attachment, "volumeName")))
		switch {
		case aws.ToString(b.task.LastStatus) == StatusStopped:
			attachment.Status = aws.String("DELETED")
		case b.state.Started():
			attachment.Status = aws.String("ATTACHED")
		default:
			attachment.Status = aws.String("CREATED") // AWS CLI examples, run-task
		}
	}
}

func detail(attachment *types.Attachment, name string) string {
	for _, d := range attachment.Details {
		if aws.ToString(d.Name) == name {
			return aws.ToString(d.Value)
		}
	}
	return ""
}
