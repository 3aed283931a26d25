package scaling

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
)

// API reference, RegisterScalableTarget, TagResource; AWS General Reference,
// tags: at most 50, keys of 1 to 128 characters that do not begin with aws:,
// values of up to 256.
const (
	maxTags      = 50
	maxTagKey    = 128
	maxTagValue  = 256
	reservedTags = "aws:"
)

// MergeTags is what a target's tags are once the given ones are added; resource
// is what a refusal names.
func MergeTags(held, given map[string]string, resource string) (map[string]string, error) {
	for key, value := range given {
		if err := validateTag(key, value); err != nil {
			return nil, err
		}
	}
	if len(given) == 0 {
		return held, nil
	}
	merged := map[string]string{}
	maps.Copy(merged, held)
	maps.Copy(merged, given)
	if len(merged) > maxTags {
		return nil, &types.TooManyTagsException{Message: aws.String("Too many tags"), ResourceName: &resource}
	}
	return merged, nil
}

func validateTag(key, value string) error {
	switch n := len([]rune(key)); {
	case n < 1:
		return constraint(key, "tags", "have length greater than or equal to 1")
	case n > maxTagKey:
		return constraint(key, "tags", "have length less than or equal to 128")
	case strings.HasPrefix(strings.ToLower(key), reservedTags):
		return validation("Tag keys that begin with aws: are reserved") // AWS's words are not known
	case len([]rune(value)) > maxTagValue:
		return constraint(value, "tags", "have length less than or equal to 256")
	}
	return nil
}

// RequireTarget refuses a call about tags that names no target.
func RequireTarget(resourceARN *string) error {
	if aws.ToString(resourceARN) == "" {
		return missing("resourceARN")
	}
	return nil
}

// RequireTags refuses TagResource without tags and UntagResource without keys.
func RequireTags(given bool, member string) error {
	if !given {
		return missing(member)
	}
	return nil
}

// TargetUnknown is for calls about the tags of what is no registered target.
// AWS's words are not known.
func TargetUnknown(resourceARN string) error {
	return &types.ResourceNotFoundException{
		Message: aws.String("The specified resource doesn't exist."), ResourceName: &resourceARN,
	}
}
