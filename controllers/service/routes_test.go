package service

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/kube/kubetest"
	"github.com/gantry-ecs/gantry/translator"
)

// carrier is a deployment whose tasks carry the routes of these names; a name
// with a question mark is one of an alternate target group.
func carrier(number int64, traffic Traffic, names ...string) *deployment {
	d := &deployment{entry: v1alpha1.DeploymentEntry{Number: number}, id: fmt.Sprintf("ecs-svc/%d", number), traffic: traffic}
	for _, name := range names {
		plain, test := name, false
		if name[len(name)-1] == '?' {
			plain, test = name[:len(name)-1], true
		}
		d.routes = append(d.routes, translator.Route{Name: plain, TargetGroup: "arn:" + plain, Test: test})
	}
	return d
}

func TestDestinations(t *testing.T) {
	for name, c := range map[string]struct {
		deployments []*deployment
		want        map[string]string
	}{
		"one deployment":   {[]*deployment{carrier(1, ProductionTraffic, "web")}, map[string]string{"web": ""}},
		"a rolling update": {[]*deployment{carrier(1, ProductionTraffic, "web"), carrier(2, ProductionTraffic, "web")}, map[string]string{"web": ""}},
		"an update without it": {
			[]*deployment{carrier(1, ProductionTraffic, "web"), carrier(2, ProductionTraffic)}, map[string]string{"web": ""},
		},
		"blue with green under test": {
			[]*deployment{carrier(1, ProductionTraffic, "web", "test?"), carrier(2, TestTraffic, "web", "test?")},
			map[string]string{"web": "1", "test": "2"},
		},
		"green after the shift": {
			[]*deployment{carrier(1, NoTraffic, "web", "test?"), carrier(2, ProductionTraffic, "web", "test?")},
			map[string]string{"web": "2", "test": "none"},
		},
		"both share, by their counts": {
			[]*deployment{carrier(1, ProductionTraffic, "web", "test?"), carrier(2, ProductionTraffic, "web", "test?")},
			map[string]string{"web": "", "test": "none"},
		},
		"nobody": {[]*deployment{carrier(1, NoTraffic, "web")}, map[string]string{"web": "none"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{service: &v1alpha1.ECSService{}, deployments: c.deployments}
			got := map[string]string{}
			for _, r := range w.wantedRoutes() {
				got[r.Name] = r.deployment
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("destinations differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRoutesGoWithTheLastTask(t *testing.T) {
	now := metav1.NewMicroTime(time.Now())
	d := carrier(1, ProductionTraffic, "web")
	d.side.Active = 1
	w := &world{service: &v1alpha1.ECSService{Spec: v1alpha1.ECSServiceSpec{DeletedAt: &now}}, deployments: []*deployment{d}}
	if len(w.wantedRoutes()) != 1 {
		t.Error("the route goes while a task is left")
	}
	d.side.Active = 0
	if len(w.wantedRoutes()) != 0 {
		t.Error("the route stays although no task is left")
	}
}

// TestLabelsOfRoutesAreKept: without any the Service is in no watch, without the
// service's it belongs to none.
func TestLabelsOfRoutesAreKept(t *testing.T) {
	server := kubetest.NewServer(kube.Scheme(), time.Now)
	reader := server.Client()
	svc := &v1alpha1.ECSService{ObjectMeta: metav1.ObjectMeta{Namespace: "ecs-c", Name: "web", UID: "1"}}
	r := route{Route: translator.Route{Name: "op", TargetGroup: "arn:op"}}
	var c *Controller
	restart := func() {
		store, err := kube.NewStore(kube.Config{REST: &rest.Config{}, Client: server.Client(), Namespace: "gantry-system"})
		if err != nil {
			t.Fatal(err)
		}
		c = &Controller{Store: store}
	}
	ensured := func() map[string]string {
		if err := c.ensureRoute(t.Context(), &world{service: svc}, r); err != nil {
			t.Fatal(err)
		}
		object, _, err := c.Store.Routes.Live(t.Context(), svc.Namespace, r.Name)
		if err != nil {
			t.Fatal(err)
		}
		return object.Labels
	}
	restart()
	want := ensured()
	for name, lost := range map[string][]string{
		"all":               {v1alpha1.ManagedByLabel, v1alpha1.ServiceLabel},
		"that of all":       {v1alpha1.ManagedByLabel},
		"that of its owner": {v1alpha1.ServiceLabel},
		"none but a user's": nil,
	} {
		object := &corev1.Service{}
		if err := reader.Get(t.Context(), client.ObjectKey{Namespace: svc.Namespace, Name: r.Name}, object); err != nil {
			t.Fatal(err)
		}
		object.Labels = maps.Clone(object.Labels)
		object.Labels["user"] = "kept"
		for _, label := range lost {
			delete(object.Labels, label)
		}
		if err := reader.Update(t.Context(), object); err != nil {
			t.Fatal(err)
		}
		restart() // what lost its label is in no collection
		if _, _, err := c.Store.Routes.Live(t.Context(), svc.Namespace, r.Name); err != nil {
			t.Fatal(err)
		}
		got := maps.Clone(ensured())
		if got["user"] != "kept" {
			t.Errorf("without %s: a label of a user's is gone", name)
		}
		delete(got, "user")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("without %s (-want +got):\n%s", name, diff)
		}
	}
}

// runningTask is a task whose only container runs.
func runningTask(uid string, change ...func(*corev1.Pod)) *task {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{UID: types.UID(uid), Annotations: map[string]string{v1alpha1.ContainersAnnotation: "web"}},
		Spec:       corev1.PodSpec{NodeName: "node", Containers: []corev1.Container{{Name: "web"}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
			Name: "web", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
		}}},
	}
	for _, c := range change {
		c(pod)
	}
	return &task{pod: pod, state: translator.Observe(pod)}
}

func TestTargetEvents(t *testing.T) {
	stopping := func(pod *corev1.Pod) { pod.Annotations[v1alpha1.StopCodeAnnotation] = "UserInitiated" }
	ended := func(pod *corev1.Pod) {
		pod.Status.Phase = corev1.PodFailed
		pod.Status.ContainerStatuses[0].State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	}
	pending := func(pod *corev1.Pod) { pod.Status.ContainerStatuses = nil }
	for name, c := range map[string]struct {
		before []string
		tasks  []*task
		want   []string // newest first
	}{
		"started":     {nil, []*task{runningTask("a"), runningTask("b"), runningTask("c", pending)}, []string{"(service web) registered 2 targets in (target-group arn:web)"}},
		"nothing new": {[]string{"a"}, []*task{runningTask("a")}, nil},
		"one by one":  {[]string{"a"}, []*task{runningTask("a"), runningTask("b")}, []string{"(service web) registered 1 targets in (target-group arn:web)"}},
		"being stopped": {[]string{"a", "b"}, []*task{runningTask("a", stopping), runningTask("b")}, []string{
			"(service web, taskSet ecs-svc/1) has begun draining connections on 1 tasks.", "(service web) deregistered 1 targets in (target-group arn:web)",
		}},
		"ended by itself": {[]string{"a"}, []*task{runningTask("a", ended)}, []string{"(service web) deregistered 1 targets in (target-group arn:web)"}},
		"its pod is gone": {[]string{"a"}, nil, []string{"(service web) deregistered 1 targets in (target-group arn:web)"}},
	} {
		t.Run(name, func(t *testing.T) {
			svc := &v1alpha1.ECSService{}
			if c.before != nil {
				svc.Status.Targets = []v1alpha1.TargetGroup{{ARN: "arn:web", Tasks: c.before}}
			}
			d := carrier(1, ProductionTraffic, "web")
			d.tasks = c.tasks
			w := &world{service: svc, deployments: []*deployment{d}}
			r := &ring{service: "web"}
			w.tellDeregistered(r, w.targets())
			w.tellRegistered(r, w.targets())
			var got []string
			for _, event := range r.events {
				got = append(got, event.Message)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("events differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBalancedTaskIsHealthyWhenItListens: not after 40 seconds, and not before.
func TestBalancedTaskIsHealthyWhenItListens(t *testing.T) {
	probe := func(ready bool) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			pod.Spec.Containers[0].ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{}}}
			pod.Status.ContainerStatuses[0].Ready = ready
		}
	}
	if healthy, wait := runningTask("a", probe(true)).state.CountsAsHealthy(time.Hour, time.Now()); !healthy || wait != 0 {
		t.Errorf("a task that listens: healthy %t, wait %s", healthy, wait)
	}
	if healthy, _ := runningTask("a", probe(false)).state.CountsAsHealthy(0, time.Now()); healthy {
		t.Error("a task that does not listen is healthy")
	}
}
