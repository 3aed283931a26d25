package translator

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

const environmentFileRule = "a Secret in the cluster's namespace with a key for each variable, which must be there when the task starts; of two files with the same variable the first counts, and environment before both"

// fileARN is the ARN of an object in S3 (API reference, EnvironmentFile.value).
var fileARN = regexp.MustCompile(`^arn:[^:]+:s3:::([^/]+)/(.+)$`)

// EnvironmentFileName derives the Secret that stands for a file of variables:
// s3.readable.hash. It is false where the value is not the ARN of an object in S3.
func EnvironmentFileName(value string) (string, bool) {
	m := fileARN.FindStringSubmatch(value)
	if m == nil {
		return "", false
	}
	return "s3." + slug(m[2], maxSecretSlug) + "." + hashOf(m[1]+"/"+m[2]), true
}

// environmentFilesOf are a container's files: an override's replace the
// definition's (API reference, ContainerOverride.environmentFiles).
func environmentFilesOf(c types.ContainerDefinition, overrides *types.TaskOverride) []types.EnvironmentFile {
	if overrides != nil {
		for _, o := range slices.Backward(overrides.ContainerOverrides) { // the last wins
			if value(o.Name) == value(c.Name) && len(o.EnvironmentFiles) > 0 {
				return o.EnvironmentFiles
			}
		}
	}
	return c.EnvironmentFiles
}

// environmentFiles: of several sources Kubernetes lets the last win, ECS the
// first.
func (r *renderer) environmentFiles(c *container) {
	for i, file := range slices.Backward(c.def.EnvironmentFiles) {
		at := c.member("environmentFiles").child(strconv.Itoa(i))
		name, ok := EnvironmentFileName(value(file.Value))
		if !ok {
			r.refuse(at, "value is not the ARN of an object in S3")
			continue
		}
		pointer := c.pointer("envFrom/" + strconv.Itoa(len(c.out.EnvFrom)) + "/secretRef")
		c.out.EnvFrom = append(c.out.EnvFrom, corev1.EnvFromSource{SecretRef: &corev1.SecretEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: name},
		}})
		r.translatedAs(at.child("value"), pointer, r.rule(at.child("value"))+": "+name)
	}
}
