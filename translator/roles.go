package translator

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

const (
	tokenVolume   = "gantry-role-token"
	tokenPath     = "/var/run/secrets/gantry.dev/role"
	tokenFile     = "token"
	tokenSeconds  = 3600
	tokenAudience = "sts.amazonaws.com"
	taskRoleRule  = "a token of the pod's service account, AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in every container: AWS SDKs assume the role with it where the role trusts the cluster's issuer"
	executionRule = "the node pulls images and reads Secrets by its own rights"
)

var roleFields = []Field{
	{Document: TaskDefinition, Path: "/taskRoleArn", Class: Translated, To: "Pod /spec/volumes/*/projected", Rule: taskRoleRule},
	{Document: TaskDefinition, Path: "/executionRoleArn", Class: Ignored, Rule: executionRule},
	{Document: Task, Path: "/overrides/taskRoleArn", Class: Translated, To: "Pod /spec/volumes/*/projected", Rule: taskRoleRule},
	{Document: Task, Path: "/overrides/executionRoleArn", Class: Ignored, Rule: executionRule},
}

// taskRole lets the containers act as an IAM role (IAM User Guide, "OIDC
// federation"; the SDKs' web identity provider reads the two variables).
func (r *renderer) taskRole() {
	at, role := source{TaskDefinition, "/taskRoleArn"}, value(r.in.TaskDefinition.TaskRoleArn)
	if o := r.in.Overrides; o != nil && value(o.TaskRoleArn) != "" {
		if role != "" {
			r.note(at, Represented, "replaced by /overrides/taskRoleArn")
		}
		at, role = source{Task, "/overrides/taskRoleArn"}, *o.TaskRoleArn
	}
	if role == "" {
		return
	}
	pointer := "/spec/volumes/" + strconv.Itoa(len(r.spec.Volumes))
	r.spec.Volumes = append(r.spec.Volumes, corev1.Volume{Name: tokenVolume, VolumeSource: corev1.VolumeSource{
		Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{{
			ServiceAccountToken: &corev1.ServiceAccountTokenProjection{
				Audience: tokenAudience, ExpirationSeconds: new(int64(tokenSeconds)), Path: tokenFile,
			},
		}}},
	}})
	for _, c := range r.containers {
		c.out.VolumeMounts = append(c.out.VolumeMounts, corev1.VolumeMount{Name: tokenVolume, MountPath: tokenPath, ReadOnly: true})
		c.addVariable("AWS_ROLE_ARN", literal(role))
		c.addVariable("AWS_WEB_IDENTITY_TOKEN_FILE", tokenPath+"/"+tokenFile)
	}
	r.translated(at, pointer+"/projected")
}

// addVariable sets a variable unless the definition has one of that name.
func (c *container) addVariable(name, text string) {
	for _, v := range c.out.Env {
		if v.Name == name {
			return
		}
	}
	c.out.Env = append(c.out.Env, corev1.EnvVar{Name: name, Value: text})
}
