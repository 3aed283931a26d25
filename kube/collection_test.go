package kube

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

func podCollection() *Collection[*corev1.Pod] {
	return newCollection(nil, labels.Everything(), func() *corev1.Pod { return &corev1.Pod{} }, podIndexes(), sameTask)
}

func pod(uid, version, startedBy string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "ns", Name: "p", UID: types.UID(uid), ResourceVersion: version,
		Annotations: map[string]string{
			v1alpha1.AccountAnnotation: "1", v1alpha1.RegionAnnotation: "r", v1alpha1.ClusterAnnotation: "c",
			v1alpha1.StartedByAnnotation: startedBy,
		},
	}}
}

func version(t *testing.T, c *Collection[*corev1.Pod]) string {
	t.Helper()
	held, ok := c.Get("ns", "p")
	if !ok {
		return "none"
	}
	return held.ResourceVersion
}

func TestCollectionKeepsTheNewest(t *testing.T) {
	c := podCollection()
	c.store(pod("u", "9", ""))
	c.store(pod("u", "10", "")) // this process wrote it
	c.store(pod("u", "9", ""))  // the watch is behind
	if got := version(t, c); got != "10" {
		t.Errorf("the collection holds version %s, want 10", got)
	}
}

func TestCollectionForgetsWhatIsDeleted(t *testing.T) {
	c := podCollection()
	c.store(pod("u", "5", ""))
	c.remove(pod("u", "6", ""))
	c.store(pod("u", "7", "")) // the answer to a write that the deletion overtook
	if got := version(t, c); got != "none" {
		t.Errorf("a deleted object is back with version %s", got)
	}
	c.store(pod("v", "3", "")) // another object of the name
	if got := version(t, c); got != "3" {
		t.Errorf("the new object is not there: %s", got)
	}
	c.remove(pod("u", "8", "")) // a late word about the old one
	if got := version(t, c); got != "3" {
		t.Errorf("the old object's end has removed the new one: %s", got)
	}
}

func TestCollectionDropsWhatTheLastFinalizerHeld(t *testing.T) {
	c := podCollection()
	gone := pod("u", "7", "")
	now := metav1.Now()
	gone.DeletionTimestamp = &now
	c.written(gone)
	if got := version(t, c); got != "none" {
		t.Errorf("a pod that its last finalizer let go is held: %s", got)
	}
	c.store(gone) // what the watch shows is there: a namespace has its finalizers elsewhere
	if got := version(t, c); got != "7" {
		t.Errorf("an object that is being deleted is not held: %s", got)
	}
}

func TestCollectionIndexesFollow(t *testing.T) {
	c := podCollection()
	c.store(pod("u", "1", "me"))
	key := ClusterKey(v1alpha1.Identity{Account: "1", Region: "r"}, "c", "me")
	if got := len(c.By(ByStartedBy, key)); got != 1 {
		t.Fatalf("%d pods started by me, want 1", got)
	}
	c.store(pod("u", "2", "you"))
	if got := len(c.By(ByStartedBy, key)); got != 0 {
		t.Errorf("%d pods started by me after the change, want none", got)
	}
}

// A pod is found by its service's label when nothing else tells whose task it is.
func TestPodsAreFiledUnderTheirServicesLabel(t *testing.T) {
	c := podCollection()
	of := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: "u", Labels: map[string]string{v1alpha1.ServiceLabel: "web"}}}
	c.store(of)
	c.store(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "standalone", UID: "v"}})
	if found := c.By(ByOwner, OwnerKey("ns", "web")); len(found) != 1 || found[0].Name != "p" {
		t.Errorf("%d pods have the label, want 1", len(found))
	}
	if found := c.By(ByOwner, OwnerKey("ns", "")); len(found) != 0 {
		t.Errorf("%d pods are filed under no label", len(found))
	}
}

func TestCollectionTellsSubscribersOldAndNew(t *testing.T) {
	c := podCollection()
	var seen []string
	unsubscribe := c.Subscribe(func(p *corev1.Pod) { seen = append(seen, p.ResourceVersion) })
	c.store(pod("u", "1", ""))
	c.store(pod("u", "2", ""))
	c.remove(pod("u", "3", ""))
	unsubscribe()
	c.store(pod("w", "9", ""))
	want := []string{"1", "1", "2", "3"} // the last one with its end
	if len(seen) != len(want) {
		t.Fatalf("seen %v, want %v", seen, want)
	}
	for i := range want {
		if seen[i] != want[i] {
			t.Fatalf("seen %v, want %v", seen, want)
		}
	}
}
