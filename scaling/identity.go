package scaling

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/google/uuid"

	"github.com/gantry-ecs/gantry/arn/partition"
)

// Target is the service that is scaled. Every identifier is made from it by a
// hash, so that nothing has to be stored to answer the same one again.
type Target struct {
	Account, Region  string
	Cluster, Service string
}

// ResourceID is the target's name within its account and region.
func (t Target) ResourceID() string { return ResourceID(t.Cluster, t.Service) }

// Length of a scalable target's id in AWS's answers.
const targetIDLength = 34

// ARN is the scalable target's ScalableTargetARN.
func (t Target) ARN() string {
	sum := sha256.Sum256([]byte(t.seed("target")))
	return t.arn("application-autoscaling", "scalable-target/"+hex.EncodeToString(sum[:])[:targetIDLength])
}

// PolicyARN is the ARN of the target's policy of that name.
func (t Target) PolicyARN(policy string) string {
	return t.arn("autoscaling", strings.Join([]string{
		"scalingPolicy", t.uuid("policy", policy),
		"resource/ecs/" + t.ResourceID(), "policyName/" + policy,
	}, ":"))
}

// RoleARN is the service-linked role that AWS answers, whatever role a request named.
func (t Target) RoleARN() string {
	return arn.ARN{
		Partition: partition.Of(t.Region), Service: "iam", AccountID: t.Account,
		Resource: "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService",
	}.String()
}

// HighAlarm is the name of the alarm with which a target tracking policy scales
// out, and LowAlarm of the one with which it scales in.
func (t Target) HighAlarm(policy string) string { return t.alarm("AlarmHigh", policy) }

// LowAlarm is described with HighAlarm.
func (t Target) LowAlarm(policy string) string { return t.alarm("AlarmLow", policy) }

func (t Target) alarm(kind, policy string) string {
	return "TargetTracking-" + t.ResourceID() + "-" + kind + "-" + t.uuid(kind, policy)
}

// Alarms are those of a target tracking policy: one that may not scale in has
// the high one only.
func (t Target) Alarms(policy string, disableScaleIn bool) []types.Alarm {
	names := []string{t.HighAlarm(policy)}
	if !disableScaleIn {
		names = append(names, t.LowAlarm(policy))
	}
	alarms := make([]types.Alarm, 0, len(names))
	for _, n := range names {
		alarms = append(alarms, types.Alarm{
			AlarmName: aws.String(n),
			AlarmARN:  aws.String(t.arn("cloudwatch", "alarm:"+n)),
		})
	}
	return alarms
}

// ActivityID is the id of one activity of the target. What happened once must
// have one key: the time and the new count, for example.
func (t Target) ActivityID(key string) string { return t.uuid("activity", key) }

func (t Target) arn(service, resource string) string {
	return arn.ARN{Partition: partition.Of(t.Region), Service: service, Region: t.Region, AccountID: t.Account, Resource: resource}.String()
}

func (t Target) uuid(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(t.seed(parts...))).String()
}

// seed joins with a byte that no part contains.
func (t Target) seed(parts ...string) string {
	return strings.Join(append([]string{t.Account, t.Region, t.Cluster, t.Service}, parts...), "\x00")
}
