package taskdef

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// API reference, Tag.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)

// validateTags refuses a list that is there and empty, in ECS's words
// (github.com/fabfuel/ecs-deploy/issues/146).
func validateTags(in *ecs.RegisterTaskDefinitionInput) error {
	if in.Tags != nil && len(in.Tags) == 0 {
		return clientException("Tags can not be empty.")
	}
	return ValidateTags(in.Tags)
}

// ValidateTags has the rules that every taggable resource shares (API
// reference, Tag). ECS's words for them are not known, but for the form of
// lists that are too long.
func ValidateTags(tags []types.Tag) error {
	if len(tags) > maxTags {
		return invalidParameter("tags can have at most %d items.", maxTags)
	}
	seen := make(map[string]bool, len(tags))
	for _, t := range tags {
		key, value := aws.ToString(t.Key), aws.ToString(t.Value)
		if err := validateTagKey(key); err != nil {
			return err
		}
		switch {
		case utf8.RuneCountInString(value) > maxTagValue:
			return invalidParameter("Tag value can have at most %d characters.", maxTagValue)
		case !tagPattern.MatchString(value):
			return invalidParameter("Tag value contains invalid characters.")
		case seen[key]:
			return invalidParameter("Duplicate tag key '%s'", key)
		}
		seen[key] = true
	}
	return nil
}

// ValidateTagKeys has the rules for keys that are to be taken off.
func ValidateTagKeys(keys []string) error {
	if len(keys) > maxTags {
		return invalidParameter("tag keys can have at most %d items.", maxTags)
	}
	for _, key := range keys {
		if err := validateTagKey(key); err != nil {
			return err
		}
	}
	return nil
}

func validateTagKey(key string) error {
	switch {
	case key == "":
		return invalidParameter("Tag key can not be blank.")
	case utf8.RuneCountInString(key) > maxTagKey:
		return invalidParameter("Tag key can have at most %d characters.", maxTagKey)
	case strings.HasPrefix(strings.ToLower(key), "aws:"):
		return invalidParameter("Tag key '%s' can not start with the reserved prefix aws:", key)
	case !tagPattern.MatchString(key):
		return invalidParameter("Tag key contains invalid characters.")
	}
	return nil
}
