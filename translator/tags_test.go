package translator

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func TestPodTags(t *testing.T) {
	made := []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}
	changed := []types.Tag{{Key: aws.String("ключ <&>"), Value: aws.String("")}, {Key: aws.String("b"), Value: aws.String("2")}}
	for name, tc := range map[string]struct {
		annotations map[string]string
		want        []types.Tag
	}{
		"as made":  {nil, made},
		"changed":  {map[string]string{v1alpha1.TagsAnnotation: FormatTags(changed)}, changed},
		"all gone": {map[string]string{v1alpha1.TagsAnnotation: FormatTags(nil)}, []types.Tag{}},
		"no tags":  {map[string]string{v1alpha1.TagsAnnotation: "{"}, made},
	} {
		t.Run(name, func(t *testing.T) {
			got := podTags(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: tc.annotations}}, made)
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreUnexported(types.Tag{})); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStoppingTaskHasNoTags: they are gone before its pod is.
func TestStoppingTaskHasNoTags(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
		v1alpha1.TagsAnnotation: FormatTags([]types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}),
	}}}
	b := taskBuilder{task: &types.Task{}, pod: pod}
	for _, want := range []int{1, 0} {
		b.state = Observe(pod)
		if tags := b.currentTags(); len(tags) != want || tags == nil {
			t.Errorf("tags %v, want %d", tags, want)
		}
		pod.Annotations[v1alpha1.StopCodeAnnotation] = string(types.TaskStopCodeUserInitiated)
	}
}
