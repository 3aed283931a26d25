package kube

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestFeedFollowsListsAndEvents(t *testing.T) {
	other := func() *corev1.Pod {
		p := pod("v", "4", "")
		p.Name = "q"
		return p
	}
	for name, c := range map[string]struct {
		events func(f *feed[*corev1.Pod]) error
		want   string // the version of p
	}{
		"listed": {func(f *feed[*corev1.Pod]) error { return f.Replace([]any{pod("u", "3", ""), other()}, "5") }, "3"},
		"changed": {func(f *feed[*corev1.Pod]) error {
			_ = f.Replace([]any{pod("u", "3", "")}, "5")
			return f.Update(pod("u", "6", ""))
		}, "6"},
		"deleted": {func(f *feed[*corev1.Pod]) error {
			_ = f.Add(pod("u", "3", ""))
			return f.Delete(pod("u", "7", ""))
		}, "none"},
		"without its label, and with it again": {func(f *feed[*corev1.Pod]) error {
			_ = f.Add(pod("u", "3", ""))
			_ = f.Delete(pod("u", "7", ""))
			return f.Add(pod("u", "8", ""))
		}, "8"},
		"deleted unseen": {func(f *feed[*corev1.Pod]) error {
			_ = f.Replace([]any{pod("u", "3", ""), other()}, "5")
			return f.Replace([]any{other()}, "9")
		}, "none"},
		"made anew unseen": {func(f *feed[*corev1.Pod]) error {
			_ = f.Replace([]any{pod("u", "3", "")}, "5")
			return f.Replace([]any{pod("w", "8", "")}, "9")
		}, "8"},
		"written here, the list is older": {func(f *feed[*corev1.Pod]) error {
			f.into.store(pod("u", "6", ""))
			return f.Replace(nil, "5")
		}, "6"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &feed[*corev1.Pod]{into: podCollection()}
			if err := c.events(f); err != nil {
				t.Fatal(err)
			}
			if got := version(t, f.into); got != c.want {
				t.Errorf("the collection holds version %s, want %s", got, c.want)
			}
		})
	}
}

func TestFeedIsSyncedByItsFirstList(t *testing.T) {
	f := &feed[*corev1.Pod]{into: podCollection()}
	if f.synced.Load() {
		t.Error("synced before the first list")
	}
	listed := pod("u", "1", "")
	listed.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: "m"}}
	if err := f.Replace([]any{listed}, "1"); err != nil {
		t.Fatal(err)
	}
	if !f.synced.Load() {
		t.Error("not synced by the first list")
	}
	if held, _ := f.into.Get("ns", "p"); len(held.ManagedFields) > 0 {
		t.Error("managedFields are kept")
	}
}
