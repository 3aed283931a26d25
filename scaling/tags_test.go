package scaling

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

func TestMergeTags(t *testing.T) {
	many := func(n int) map[string]string {
		tags := map[string]string{}
		for i := range n {
			tags[fmt.Sprint("key", i)] = ""
		}
		return tags
	}
	for name, test := range map[string]struct {
		held, given, want map[string]string
		refused           string // the code
	}{
		"none":             {},
		"first":            {given: map[string]string{"a": "1"}, want: map[string]string{"a": "1"}},
		"added and set":    {held: map[string]string{"a": "1", "b": "2"}, given: map[string]string{"b": "3"}, want: map[string]string{"a": "1", "b": "3"}},
		"fifty":            {held: many(50), given: map[string]string{"key0": "new"}, want: func() map[string]string { m := many(50); m["key0"] = "new"; return m }()},
		"fifty-one":        {held: many(50), given: map[string]string{"one more": ""}, refused: "TooManyTagsException"},
		"empty key":        {given: map[string]string{"": "1"}, refused: "ValidationException"},
		"long key":         {given: map[string]string{strings.Repeat("ä", 129): "1"}, refused: "ValidationException"},
		"longest":          {given: map[string]string{strings.Repeat("ä", 128): strings.Repeat("ö", 256)}, want: map[string]string{strings.Repeat("ä", 128): strings.Repeat("ö", 256)}},
		"long value":       {given: map[string]string{"a": strings.Repeat("v", 257)}, refused: "ValidationException"},
		"key of AWS's own": {given: map[string]string{"aws:by": "me"}, refused: "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(test.held)
			got, err := MergeTags(test.held, test.given, "arn")
			var coded interface{ ErrorCode() string }
			if test.refused != "" {
				if !errors.As(err, &coded) || coded.ErrorCode() != test.refused {
					t.Fatalf("got %v, want %s", err, test.refused)
				}
				return
			}
			if err != nil || !maps.Equal(got, test.want) {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
			if !maps.Equal(before, test.held) {
				t.Error("the tags held before were changed")
			}
		})
	}
}

func TestTargetUnknown(t *testing.T) {
	var unknown *types.ResourceNotFoundException
	if !errors.As(TargetUnknown("arn:x"), &unknown) || *unknown.ResourceName != "arn:x" {
		t.Errorf("got %v, want the resource named", unknown)
	}
}
