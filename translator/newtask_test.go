package translator

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// RunTask answers what it rendered; every later answer is read from the pod.
func TestNewTaskIsTheTaskOfItsPod(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no cases", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		in, _ := readGolden(t, data)
		static := StaticTask(in, TaskRequest{Group: "g", StartedBy: "me", PlatformVersion: "1.4.0", Architecture: "x86_64"})
		meta, err := RenderPodMeta(PodMeta{Cluster: "default", Family: "f", Task: static, Definition: in.TaskDefinition})
		if err != nil {
			t.Fatal(err)
		}
		pod := &corev1.Pod{ObjectMeta: meta, Spec: RenderPodSpec(in).Spec}
		MarkCall(pod, "token", "hash", born)
		read, err := TaskFromPod(pod, nil, born)
		if err != nil {
			t.Fatal(err)
		}
		made, err := NewTask(static, pod, nil, born)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(ecsJSON(t, &read), ecsJSON(t, &made)); diff != "" {
			t.Errorf("%s: -read +made\n%s", path, diff)
		}
	}
}

func ecsJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := awsjson.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
