package translator

import (
	"regexp"
	"strconv"

	corev1 "k8s.io/api/core/v1"
)

var userFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/user", Class: Translated,
		To:     "Pod /spec/containers/*/securityContext/runAsUser, runAsGroup",
		Rule:   "uid, uid:gid, or root for 0; without a group that of the image's /etc/passwd",
		Except: "other names are refused: Kubernetes knows numbers alone",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/readonlyRootFilesystem", Class: Translated,
		To: "Pod /spec/containers/*/securityContext/readOnlyRootFilesystem", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/privileged", Class: Translated,
		To: "Pod /spec/containers/*/securityContext/privileged", Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/credentialSpecs", Class: Refused,
		Rule: "accounts of Active Directory are given to a node by its owner, and not by a task",
	},
}

var numericUser = regexp.MustCompile(`^(root|[0-9]+)(:(root|[0-9]+))?$`)

func (r *renderer) user(c *container) {
	if text := value(c.def.User); text != "" {
		r.userNumbers(c, text)
	}
	if c.def.Privileged != nil {
		if *c.def.Privileged {
			c.security().Privileged = c.def.Privileged
		}
		r.translated(c.member("privileged"), c.pointer("securityContext/privileged"))
	}
	if c.def.ReadonlyRootFilesystem != nil {
		c.security().ReadOnlyRootFilesystem = c.def.ReadonlyRootFilesystem
		r.translated(c.member("readonlyRootFilesystem"), c.pointer("securityContext/readOnlyRootFilesystem"))
	}
}

func (r *renderer) userNumbers(c *container, text string) {
	at := c.member("user")
	parts := numericUser.FindStringSubmatch(text)
	if parts == nil {
		r.refuse(at, "a user by name: Kubernetes runs containers by number; write uid or uid:gid")
		return
	}
	uid, uidOK := accountNumber(parts[1])
	gid, gidOK := accountNumber(parts[3])
	if !uidOK || !gidOK {
		r.refuse(at, "the number of a user or group is at most 2147483647")
		return
	}
	c.security().RunAsUser = &uid
	r.translated(at, c.pointer("securityContext/runAsUser"))
	if parts[3] != "" {
		c.security().RunAsGroup = &gid
		r.translated(at, c.pointer("securityContext/runAsGroup"))
	}
}

// accountNumber reads a uid or gid as Kubernetes takes it.
func accountNumber(text string) (int64, bool) {
	if text == "" || text == "root" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 32)
	return n, err == nil
}

func (c *container) security() *corev1.SecurityContext {
	if c.out.SecurityContext == nil {
		c.out.SecurityContext = &corev1.SecurityContext{}
	}
	return c.out.SecurityContext
}
