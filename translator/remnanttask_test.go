package translator

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// What somebody writes over a task's annotation costs the task its definition and
// sizes, and no more: state, times and containers are the pod's.
func TestUnreadableTaskIsAnsweredFromItsPod(t *testing.T) {
	for _, text := range []string{"", "{", "[]", "{}", `{"containers": 3}`} {
		pod := taskPod(annotate(v1alpha1.TaskAnnotation, text), annotate(v1alpha1.ServiceAnnotation, "web"))
		task := TaskFromPod(pod, nil, born.Add(time.Minute))
		if aws.ToString(task.LastStatus) != "RUNNING" || aws.ToString(task.Group) != "service:web" || task.CreatedAt == nil || task.TaskArn == nil {
			t.Errorf("%q: the task is %s", text, ecsJSON(t, &task))
		}
		if len(task.Containers) != 2 || aws.ToString(task.Containers[0].Name) != "app" || aws.ToString(task.Containers[0].LastStatus) != "RUNNING" {
			t.Errorf("%q: containers are %s", text, ecsJSON(t, &task))
		}
	}
}
