package translator

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

var securityOptionFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dockerSecurityOptions", Class: Translated,
		To:     "Pod /spec/containers/*/securityContext/allowPrivilegeEscalation, appArmorProfile, seccompProfile, seLinuxOptions",
		Rule:   "no-new-privileges, apparmor:PROFILE (which the node must have), seccomp:unconfined, label:user, role, type and level",
		Except: "other options are refused by name",
	},
}

// securityOptions reads Docker's --security-opt, whose parts are separated by a
// colon or an equals sign.
func (r *renderer) securityOptions(c *container) {
	at := c.member("dockerSecurityOptions")
	for _, option := range c.def.DockerSecurityOptions {
		kind, text, _ := cutAny(option)
		var to string
		switch kind {
		case "no-new-privileges":
			to = c.noNewPrivileges(text)
		case "apparmor":
			to = c.appArmor(text)
		case "seccomp":
			if text == "unconfined" {
				c.security().SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
				to = "seccompProfile"
			}
		case "label":
			to = c.label(text)
		}
		if to == "" {
			r.refuse(at, "a pod has nothing for the option "+option)
			return
		}
		r.translated(at, c.pointer("securityContext/"+to))
	}
}

func cutAny(option string) (before, after string, found bool) {
	i := strings.IndexAny(option, ":=")
	if i < 0 {
		return option, "", false
	}
	return option[:i], option[i+1:], true
}

// noNewPrivileges: Kubernetes refuses it beside rights that go further.
func (c *container) noNewPrivileges(text string) string {
	l := c.def.LinuxParameters
	admin := l != nil && l.Capabilities != nil && slices.Contains(l.Capabilities.Add, "SYS_ADMIN")
	if text != "" && text != "true" || value(c.def.Privileged) || admin {
		return ""
	}
	c.security().AllowPrivilegeEscalation = new(false)
	return "allowPrivilegeEscalation"
}

func (c *container) appArmor(profile string) string {
	switch profile {
	case "":
		return ""
	case "unconfined":
		c.security().AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
	case "docker-default":
		c.security().AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeRuntimeDefault}
	default:
		c.security().AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeLocalhost, LocalhostProfile: &profile}
	}
	return "appArmorProfile"
}

func (c *container) label(text string) string {
	kind, text, found := cutAny(text)
	if !found || text == "" {
		return ""
	}
	options := c.security().SELinuxOptions
	if options == nil {
		options = &corev1.SELinuxOptions{}
	}
	switch kind {
	case "user":
		options.User = text
	case "role":
		options.Role = text
	case "type":
		options.Type = text
	case "level":
		options.Level = text
	default:
		return ""
	}
	c.security().SELinuxOptions = options
	return "seLinuxOptions"
}
