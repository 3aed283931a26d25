package translator

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// ServiceRevisionFrom makes ECS's ServiceRevision of the one that the entry runs.
func ServiceRevisionFrom(v ServiceView, entry v1alpha1.DeploymentEntry, revision *v1alpha1.ServiceRevision) (types.ServiceRevision, error) {
	answer, err := RevisionInputs(revision)
	if err != nil {
		return answer, err
	}
	spec := v.Service.Spec
	answer.ServiceRevisionArn = v.revisionARN(entry.RevisionNumber)
	answer.ServiceArn = aws.String(arn.Service(spec.Identity, spec.Cluster, spec.Name))
	answer.ClusterArn = aws.String(arn.Cluster(spec.Identity, spec.Cluster))
	answer.CreatedAt = aws.Time(entry.RequestedAt.Time)
	if answer.ServiceConnectConfiguration == nil {
		answer.ServiceConnectConfiguration = &types.ServiceConnectConfiguration{}
	}
	answer.ContainerImages, err = v.containerImages(revision)
	return answer, err
}

// containerImages are the images of the revision, with the digests that its
// tasks were seen to run (API reference, ContainerImage).
func (v ServiceView) containerImages(revision *v1alpha1.ServiceRevision) ([]types.ContainerImage, error) {
	template, err := revisionTemplate(revision)
	if err != nil {
		return nil, err
	}
	task := types.Task{}
	if err := awsjson.Unmarshal([]byte(template.Annotations[v1alpha1.TaskAnnotation]), &task); err != nil {
		return nil, fmt.Errorf("decode the task of revision %s: %w", revision.Name, err)
	}
	runs := map[int64]bool{}
	for _, r := range v.rollouts() {
		runs[r.Spec.Number] = r.Spec.Revision == revision.Name
	}
	images := []types.ContainerImage{}
	for _, c := range task.Containers {
		images = append(images, types.ContainerImage{
			ContainerName: c.Name, Image: c.Image, ImageDigest: v.seenDigest(runs, ContainerName(aws.ToString(c.Name))),
		})
	}
	return images, nil
}

// seenDigest is the digest that a task of one of the deployments runs in the
// Kubernetes container of the name.
func (v ServiceView) seenDigest(deployments map[int64]bool, container string) *string {
	for _, pod := range v.Pods {
		if number, ok := DeploymentNumber(pod); !ok || !deployments[number] {
			continue
		}
		for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
			if digest := imageDigest(status.ImageID); status.Name == container && digest != nil {
				return digest
			}
		}
	}
	return nil
}
