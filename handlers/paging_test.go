package handlers

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
)

func TestPagesSurviveChanges(t *testing.T) {
	keys := func() []string { return []string{"d", "b", "a", "c"} }
	first, next, err := page("things", keys(), false, aws.Int32(2), nil, maxPage)
	if err != nil || next == nil {
		t.Fatalf("first page: %v, next %v", err, next)
	}
	if diff := cmp.Diff([]string{"a", "b"}, first); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	// b goes and bb comes between the pages: nothing is lost or doubled.
	second, next, err := page("things", []string{"d", "a", "bb", "c"}, false, aws.Int32(10), next, maxPage)
	if err != nil || next != nil {
		t.Fatalf("second page: %v, next %v", err, next)
	}
	if diff := cmp.Diff([]string{"bb", "c", "d"}, second); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
}

func TestPageDescending(t *testing.T) {
	first, next, err := page("things", []string{"a", "b", "c"}, true, aws.Int32(2), nil, maxPage)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"c", "b"}, first); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	second, next, err := page("things", []string{"a", "b", "c"}, true, aws.Int32(2), next, maxPage)
	if err != nil || next != nil {
		t.Fatalf("second page: %v, next %v", err, next)
	}
	if diff := cmp.Diff([]string{"a"}, second); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
}

func TestPageLooksAtNoMoreThanItNeeds(t *testing.T) {
	asked := 0
	notB := func(key string) bool { asked++; return key != "b" }
	itself := func(key string) string { return key }
	first, next, err := pageWhere("things", []string{"e", "d", "c", "b", "a"}, itself, notB, false, 2, nil)
	if err != nil || next == nil {
		t.Fatalf("first page: %v, next %v", err, next)
	}
	if diff := cmp.Diff([]string{"a", "c"}, first); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	if asked != 4 { // d tells that there is more
		t.Errorf("%d items were looked at, want 4", asked)
	}
	last, next, err := pageWhere("things", []string{"b", "d", "a", "c", "bb"}, itself, notB, false, 5, next)
	if err != nil || next != nil {
		t.Fatalf("last page: %v, next %v", err, next)
	}
	if diff := cmp.Diff([]string{"d"}, last); diff != "" {
		t.Errorf("last page (-want +got):\n%s", diff)
	}
}

func TestPageRefuses(t *testing.T) {
	for name, call := range map[string]func() error{
		"no results": func() error { _, _, err := page("things", nil, false, aws.Int32(0), nil, maxPage); return err },
		"too many":   func() error { _, _, err := page("things", nil, false, aws.Int32(101), nil, maxPage); return err },
		"bad token":  func() error { _, _, err := page("things", nil, false, nil, aws.String("x y"), maxPage); return err },
		"another list's token": func() error {
			_, _, err := page("things", nil, false, nil, aws.String(writeToken("others", "a")), maxPage)
			return err
		},
		"another's token": func() error {
			_, _, err := page("things", nil, false, nil, aws.String("AAAA"), maxPage)
			return err
		},
	} {
		var invalid *types.InvalidParameterException
		if err := call(); !errors.As(err, &invalid) {
			t.Errorf("%s: %v, want InvalidParameterException", name, err)
		}
	}
}

func TestReplacedTakesMembersAway(t *testing.T) {
	got := replaced([]byte(`{"a":1,"b":{"c":1,"d":2},"e":[1]}`), []byte(`{"a":2,"b":{"c":1}}`))
	want := map[string]any{"a": 2.0, "b": map[string]any{"c": 1.0, "d": nil}, "e": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("patch (-want +got):\n%s", diff)
	}
}

func TestRevisionsInFamilyOrder(t *testing.T) {
	want := []string{inFamilyOrder("web", 2), inFamilyOrder("web", 10), inFamilyOrder("web-api", 1), inFamilyOrder("web1", 1)}
	if !slices.IsSorted(want) {
		t.Errorf("%q is not in order", want)
	}
}
