package translator

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

var imageFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/name", Class: Translated, To: "Pod /spec/containers/*/name",
		Rule: "the container's name; made a DNS label, with a hash, where it is none",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/image", Class: Translated, To: "Pod /spec/containers/*/image",
		Rule: "as given; the node pulls by Kubernetes' rule: always for latest, else when it has no such image",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/versionConsistency", Class: Ignored,
		Rule: "the image runs as its tag or digest says at each pull; name a digest to fix it",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/repositoryCredentials/credentialsParameter", Class: Translated,
		To: "Pod /spec/imagePullSecrets/*/name", Rule: credentialsRule,
	},
}

const credentialsRule = "a Secret of type kubernetes.io/dockerconfigjson in the cluster's namespace; the node asks each registry with what the task's Secrets have for it"

// repositoryCredentials names a secret of Secrets Manager, by ARN or by name
// (API reference, RepositoryCredentials).
func (r *renderer) repositoryCredentials(c *container) {
	if c.def.RepositoryCredentials == nil {
		return
	}
	at := c.member("repositoryCredentials").child("credentialsParameter")
	parameter := value(c.def.RepositoryCredentials.CredentialsParameter)
	ref, ok := parseSecret(parameter)
	if ok && !strings.HasPrefix(parameter, "arn:") {
		ref.service = "secretsmanager"
	}
	if !ok || ref.service != "secretsmanager" {
		r.refuse(at, "neither the name nor the ARN of a secret of Secrets Manager")
		return
	}
	name := corev1.LocalObjectReference{Name: ref.objectName()}
	index := slices.Index(r.spec.ImagePullSecrets, name)
	if index < 0 {
		index = len(r.spec.ImagePullSecrets)
		r.spec.ImagePullSecrets = append(r.spec.ImagePullSecrets, name)
	}
	r.translatedAs(at, "/spec/imagePullSecrets/"+strconv.Itoa(index)+"/name", credentialsRule+": "+name.Name)
}

func (r *renderer) image(c *container) {
	name := value(c.def.Name)
	c.out.Name = ContainerName(name)
	r.translated(c.member("name"), c.pointer("name"))
	image := value(c.def.Image)
	if image == "" || strings.TrimSpace(image) != image {
		r.refuse(c.member("image"), "the image's name is empty or has spaces around it")
		return
	}
	c.out.Image = image
	r.translated(c.member("image"), c.pointer("image"))
}
