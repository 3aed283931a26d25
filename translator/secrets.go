package translator

import (
	"regexp"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

var secretFields = []Field{
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/secrets/*/name", Class: Translated, To: "Pod /spec/containers/*/env/*/name",
		Rule: "a variable, as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/secrets/*/valueFrom", Class: Translated, To: "Pod /spec/containers/*/env/*/valueFrom/secretKeyRef",
		Rule: "a key of a Secret in the cluster's namespace, which must be there when the task starts",
	},
}

// Keys of a Secret that stands for a whole value.
const (
	// SecretStringKey holds a secret of Secrets Manager as a whole.
	SecretStringKey = "SecretString"
	// ParameterKey holds a parameter of Systems Manager.
	ParameterKey = "Value"
)

var (
	// secretNames are the forms of valueFrom (API reference, Secret; Developer
	// Guide, secrets-envvar-secrets-manager and secrets-envvar-ssm-paramstore).
	parameterARN = regexp.MustCompile(`^arn:[^:]+:ssm:([^:]*):([^:]*):parameter/(.+)$`)
	secretARN    = regexp.MustCompile(`^arn:[^:]+:secretsmanager:([^:]*):([^:]*):secret:([^:]+)(?::([^:]*):([^:]*):([^:]*))?$`)
	parameter    = regexp.MustCompile(`^[a-zA-Z0-9_./-]+$`)
	plainKey     = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
	notKey       = regexp.MustCompile(`[^a-zA-Z0-9_-]+`)
)

const maxSecretSlug = 180

// secretRef is a parsed valueFrom.
type secretRef struct {
	service, region, account, name string
	jsonKey, stage, version        string
}

func parseSecret(valueFrom string) (secretRef, bool) {
	if m := secretARN.FindStringSubmatch(valueFrom); m != nil {
		return secretRef{"secretsmanager", m[1], m[2], m[3], m[4], m[5], m[6]}, true
	}
	if m := parameterARN.FindStringSubmatch(valueFrom); m != nil {
		return secretRef{service: "ssm", region: m[1], account: m[2], name: m[3]}, true
	}
	if parameter.MatchString(valueFrom) && strings.Trim(valueFrom, "/") != "" {
		return secretRef{service: "ssm", name: strings.TrimPrefix(valueFrom, "/")}, true
	}
	return secretRef{}, false
}

// SecretName derives the Secret and its key that stand for a secret's valueFrom.
// Two secrets never have one name, and two JSON keys or versions never one key,
// but for collisions of a hash. Both results are empty where valueFrom has no
// form of ECS's.
func SecretName(valueFrom string) (name, key string) {
	ref, ok := parseSecret(valueFrom)
	if !ok {
		return "", ""
	}
	return ref.objectName(), ref.key()
}

// objectName is ssm.name for a parameter by name that is a DNS label, else
// service.readable.hash.
func (s secretRef) objectName() string {
	if s.region == "" && s.account == "" && isLabel(s.name) {
		return s.service + "." + s.name
	}
	return s.service + "." + slug(s.name, maxSecretSlug) + "." + hashOf(s.region+":"+s.account+":"+s.name)
}

// key is the JSON key where it can be a key of a Secret, else readable.hash.
func (s secretRef) key() string {
	whole := ParameterKey
	if s.service == "secretsmanager" {
		whole = SecretStringKey
	}
	versioned := s.stage != "" || s.version != ""
	switch {
	case s.jsonKey == "" && !versioned:
		return whole
	case !versioned && s.jsonKey != whole && len(s.jsonKey) <= maxSecretSlug && plainKey.MatchString(s.jsonKey):
		return s.jsonKey
	}
	readable := notKey.ReplaceAllString(s.jsonKey, "-")
	if readable == "" {
		readable = whole
	}
	if len(readable) > maxSecretSlug {
		readable = readable[:maxSecretSlug]
	}
	return readable + "." + hashOf(s.jsonKey+":"+s.stage+":"+s.version)
}

// secretVariables translates a container's secrets; they follow its environment.
func (r *renderer) secretVariables(c *container) {
	taken := map[string]bool{}
	for _, v := range c.out.Env {
		taken[v.Name] = true
	}
	for i, s := range c.def.Secrets {
		at := c.member("secrets").child(strconv.Itoa(i))
		name := value(s.Name)
		ref, ok := parseSecret(value(s.ValueFrom))
		switch {
		case !isVariableName(name):
			r.refuse(at, badVariableName)
			continue
		case taken[name]:
			r.refuse(at, "the container has another variable or secret of this name")
			continue
		case !ok:
			r.refuse(at, "valueFrom is neither a parameter of Systems Manager nor the ARN of a secret of Secrets Manager")
			continue
		}
		if ref.stage != "" && ref.version != "" { // Developer Guide, secrets-envvar-secrets-manager
			r.refuse(at, "valueFrom has a version stage and a version id: a secret is named by one of them")
			continue
		}
		taken[name] = true
		pointer := c.pointer("env/" + strconv.Itoa(len(c.out.Env)))
		c.out.Env = append(c.out.Env, corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{
				LocalObjectReference: corev1.LocalObjectReference{Name: ref.objectName()},
				Key:                  ref.key(),
			},
		}})
		r.translated(at.child("name"), pointer+"/name")
		r.translatedAs(at.child("valueFrom"), pointer+"/valueFrom/secretKeyRef",
			r.rule(at.child("valueFrom"))+": "+ref.objectName()+", key "+ref.key())
	}
}
