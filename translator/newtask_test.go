package translator

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8stypes "k8s.io/apimachinery/pkg/types"

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
		read, made := TaskFromPod(pod, nil, born), NewTask(static, pod, nil, born)
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

// Tasks that share what their annotation says keep what is theirs apart, also
// where the shared slices have room for more.
func TestNewTaskChangesNothingThatIsShared(t *testing.T) {
	static, err := ReadStaticTask(`{"launchType": "FARGATE", "containers": [{"name": "main"}],
		"attachments": [{"type": "ElasticNetworkInterface", "details": [{"name": "subnetId", "value": "subnet-1"}]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	static.Attachments[0].Details = slices.Grow(static.Attachments[0].Details, 10)
	before := ecsJSON(t, &static)
	made := func(uid, ip string) types.Task {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: k8stypes.UID(uid)}, Status: corev1.PodStatus{PodIP: ip}}
		return NewTask(static, pod, nil, born)
	}
	first := made("1", "10.0.0.1")
	alone := ecsJSON(t, &first)
	made("2", "10.0.0.2")
	if diff := cmp.Diff(alone, ecsJSON(t, &first)); diff != "" {
		t.Errorf("the first task changed with the second: -before +after\n%s", diff)
	}
	if diff := cmp.Diff(before, ecsJSON(t, &static)); diff != "" {
		t.Errorf("what is shared changed: -before +after\n%s", diff)
	}
}
