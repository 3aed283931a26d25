package translator

import (
	"encoding/json"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

var missingSecret = regexp.MustCompile(`secret "([^"]+)" not found|couldn't find key \S+ in Secret [^/]*/(\S+)`)

// matchConfigError names a missing secret as ECS does: by its AWS name, and by
// the service that would have held it.
func matchConfigError(f *facts) (Stop, bool) {
	for i := range f.state.containers {
		c := &f.state.containers[i]
		w := c.status.State.Waiting
		if w == nil || w.Reason != reasonCreateConfigError {
			continue
		}
		m := missingSecret.FindStringSubmatch(w.Message)
		if m == nil {
			return f.failedToStart(c.name, "CannotCreateContainerError: "+w.Message), true
		}
		return f.resourceMissing(c.name, m[1]+m[2]), true
	}
	return Stop{}, false
}

// resourceMissing stands in stoppedReason whatever the launch type: it fails the
// task before any container is touched.
func (f *facts) resourceMissing(container, secret string) Stop {
	text := f.secretText(secret)
	stop := Stop{Code: types.TaskStopCodeTaskFailedToStart, Reason: text}
	if f.fargate {
		stop.Container, stop.ContainerReason = f.ecsName(container), text
	}
	return stop
}

const retrievalFailed = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "

// secretText is in the words of Fargate, or in those of the agent on EC2
// (Developer Guide, resource initialization errors; aws/amazon-ecs-agent,
// asmsecret and ssmsecret).
func (f *facts) secretText(secret string) string {
	names := map[string]string{}
	_ = json.Unmarshal([]byte(f.pod.Annotations[v1alpha1.SecretsAnnotation]), &names) // without it the Secret's own name has to do
	valueFrom, ok := names[secret]
	if !ok {
		valueFrom = secret
	}
	if file := fileARN.FindStringSubmatch(valueFrom); file != nil {
		// ECS's words (aws/aws-cli issue 6470, aws/aws-cdk issue 12720), then S3's.
		return "ResourceInitializationError: failed to download env files: file download command: non empty error stream: failed to download file " +
			file[2] + ": NoSuchKey: The specified key does not exist."
	}
	region := f.pod.Annotations[v1alpha1.RegionAnnotation]
	if strings.HasPrefix(valueFrom, "arn:") && strings.Contains(valueFrom, ":secretsmanager:") {
		const notFound = "ResourceNotFoundException: Secrets Manager can't find the specified secret."
		if !f.fargate {
			return "Fetching secret data from AWS Secrets Manager in region " + region + ": secret " + valueFrom + ": " + notFound
		}
		return retrievalFailed + "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret " +
			valueFrom + " from secrets manager: " + notFound
	}
	name := valueFrom
	if _, after, found := strings.Cut(valueFrom, ":parameter/"); found {
		name = after
	}
	if !f.fargate {
		return "Fetching secret data from SSM Parameter Store in " + region + ": invalid parameters: " + name
	}
	return retrievalFailed + "unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid parameters: " + name
}
