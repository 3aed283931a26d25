package localcluster

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWithDescendants(t *testing.T) {
	parents := map[int]int{
		10: 1, 11: 10, 12: 11, // a shim, its container and what that started
		20: 1, 21: 20, // others
		30: 31, 31: 30, // a circle: ids that were given again while /proc was read
	}
	got := withDescendants(map[int]bool{10: true, 99: true}, parents)
	slices.Sort(got)
	if diff := cmp.Diff([]int{10, 11, 12}, got); diff != "" {
		t.Errorf("to be ended (-want +got):\n%s", diff)
	}
}
