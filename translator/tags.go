package translator

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// Tag is a tag in ECS JSON.
type Tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// TagList are tags as they stand in an object that holds ECS JSON.
func TagList(tags []types.Tag) []Tag {
	list := make([]Tag, len(tags))
	for i, tag := range tags {
		list[i] = Tag{aws.ToString(tag.Key), aws.ToString(tag.Value)}
	}
	return list
}

// FormatTags and ParseTags are the form of tags in an annotation.
func FormatTags(tags []types.Tag) string {
	data, _ := json.Marshal(TagList(tags)) // strings always encode
	return string(data)
}

// ParseTags reads what FormatTags wrote.
func ParseTags(text string) ([]types.Tag, error) {
	var list []Tag
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("decode tags: %w", err)
	}
	tags := make([]types.Tag, len(list))
	for i, tag := range list {
		tags[i] = types.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)}
	}
	return tags, nil
}

// currentTags are the task's tags: those that it was made with, until it was
// tagged or untagged. One that stops loses them (API reference, StopTask).
func (b *taskBuilder) currentTags() []types.Tag {
	if b.state.Stopping() {
		return []types.Tag{}
	}
	return podTags(b.pod, b.task.Tags)
}

// podTags are those that a pod was made with, or that its task was given since.
// What somebody wrote there that are no tags counts for none.
func podTags(pod *corev1.Pod, made []types.Tag) []types.Tag {
	text, changed := pod.Annotations[v1alpha1.TagsAnnotation]
	if !changed {
		return made
	}
	if tags, err := ParseTags(text); err == nil {
		return tags
	}
	return made
}
