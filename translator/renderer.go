package translator

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
)

// renderer is the state of one translation.
type renderer struct {
	in         TaskInput
	spec       corev1.PodSpec
	containers []*container
	findings   []Finding
}

// container is a container definition with its override applied, on its way to
// become a Kubernetes container.
type container struct {
	def types.ContainerDefinition
	// base is the definition's place; from has the members that an override replaced.
	base source
	from map[string]source
	// environmentOverride is added to the definition's environment.
	environmentOverride []variable

	dependsOn []dependency
	// ends is true for a container whose end others wait for, awaited for one
	// whose health others wait for.
	ends, awaited bool
	place         place
	out           corev1.Container
}

// member is where a member of the container comes from: its definition, or the
// override that replaced it.
func (c *container) member(name string) source {
	if s, replaced := c.from[name]; replaced {
		return s
	}
	return c.base.child(name)
}

func (c *container) pointer(member string) string {
	return c.place.pointer() + "/" + member
}

// translated notes that a value is at a place in the pod, by the rule of its field.
func (r *renderer) translated(s source, kubernetes string) {
	r.translatedAs(s, kubernetes, r.rule(s))
}

// translatedAs is translated for a field with several rules.
func (r *renderer) translatedAs(s source, kubernetes, rule string) {
	r.findings = append(r.findings, Finding{s.document, s.pointer, "Pod", kubernetes, Translated, rule})
}

func (r *renderer) note(s source, class Class, rule string) {
	r.findings = append(r.findings, Finding{Document: s.document, ECS: s.pointer, Class: class, Rule: rule})
}

func (r *renderer) refuse(s source, reason string) {
	r.note(s, Refused, reason)
}

// rule looks the field of a value up.
func (r *renderer) rule(s source) string {
	f, _ := table.lookup(s.document, FieldOf(s.pointer))
	return f.Rule
}

// FieldOf is the path of the field that a pointer points to: indexes are "*".
func FieldOf(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, token := range tokens {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, "/")
}

// classifyRest notes every present value that the translation has not: a value
// without a row, or of a translated field that no step took up, is refused.
func (r *renderer) classifyRest(document Document, root any) {
	noted := map[string]bool{}
	for _, f := range r.findings {
		if f.Document == document {
			noted[f.ECS] = true
		}
	}
	for _, l := range table.leaves(document, root) {
		if coveredBy(noted, l.pointer) {
			continue
		}
		r.findings = append(r.findings, classifyLeaf(document, l))
	}
}

// notTranslated is the reason for a value that nothing took up; a test fails
// where this is ever said of a field that the SDK has.
const notTranslated = "Gantry does not know this field"

func classifyLeaf(document Document, l leaf) Finding {
	f := Finding{Document: document, ECS: l.pointer, Class: Refused, Rule: notTranslated}
	row, known := table.lookup(document, l.path)
	switch {
	case !known || row.Class == Translated:
	case row.Class == Refused && row.Harmless != nil && row.Harmless(l.value):
		f.Class, f.Rule = Represented, row.Except
	default:
		f.Class, f.Rule = row.Class, row.Rule
	}
	return f
}

// coveredBy is true where the value, or one that holds it, was noted.
func coveredBy(noted map[string]bool, pointer string) bool {
	for pointer != "" {
		if noted[pointer] {
			return true
		}
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
	return false
}
