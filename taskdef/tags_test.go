package taskdef_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/taskdef"
)

func TestTagKeys(t *testing.T) {
	for name, tc := range map[string]struct {
		keys []string
		want string
	}{
		"plain":     {[]string{"team", "Größe"}, ""},
		"none":      {nil, ""},
		"blank":     {[]string{"a", ""}, "Tag key can not be blank."},
		"reserved":  {[]string{"aws:ecs:clusterName"}, "reserved prefix aws:"},
		"long":      {[]string{strings.Repeat("k", 129)}, "at most 128 characters."},
		"bad":       {[]string{"a;b"}, "invalid characters."},
		"too many":  {make([]string, 51), "tag keys can have at most 50 items."},
		"just many": {slices.Repeat([]string{"a"}, 50), ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := taskdef.ValidateTagKeys(tc.keys)
			if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("it answers %v, want %q", err, tc.want)
			}
		})
	}
}

func TestTags(t *testing.T) {
	tagged := func(pairs ...string) mutation {
		return func(in *ecs.RegisterTaskDefinitionInput) {
			for i := 0; i < len(pairs); i += 2 {
				in.Tags = append(in.Tags, types.Tag{Key: aws.String(pairs[i]), Value: aws.String(pairs[i+1])})
			}
		}
	}
	checkRefusals(t, []refusal{
		{"plain", tagged("team", "web", "Team", ""), ""},
		{"letters of other languages", tagged("Größe", "größer + kleiner"), ""},
		{"none in a list", func(in *ecs.RegisterTaskDefinitionInput) { in.Tags = []types.Tag{} }, "ClientException: Tags can not be empty."},
		{"longest", tagged(strings.Repeat("é", 128), strings.Repeat("v", 256)), ""},
		{"no key", tagged("", "v"), "InvalidParameterException: Tag key can not be blank."},
		{"long key", tagged(strings.Repeat("k", 129), "v"), "InvalidParameterException: Tag key can have at most 128 characters."},
		{"long value", tagged("k", strings.Repeat("v", 257)), "InvalidParameterException: Tag value can have at most 256 characters."},
		{"reserved", tagged("AWS:x", "v"), "InvalidParameterException: Tag key 'AWS:x' can not start with the reserved prefix aws:"},
		{"bad key", tagged("a;b", "v"), "InvalidParameterException: Tag key contains invalid characters."},
		{"bad value", tagged("a", "{}"), "InvalidParameterException: Tag value contains invalid characters."},
		{"twice", tagged("a", "1", "a", "2"), "InvalidParameterException: Duplicate tag key 'a'"},
		{"too many", func(in *ecs.RegisterTaskDefinitionInput) { in.Tags = make([]types.Tag, 51) }, "InvalidParameterException: tags can have at most 50 items."},
	})
}
