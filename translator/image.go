package translator

import (
	"strings"
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
		Document: TaskDefinition, Path: "/containerDefinitions/*/repositoryCredentials", Class: Refused,
		Rule: "Gantry does not translate registry credentials yet",
	},
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
