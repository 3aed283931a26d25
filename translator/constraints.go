package translator

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/gantry-ecs/gantry/clusterquery"
)

const (
	memberOfRule  = "labels of the node: attribute:ecs.availability-zone, ecs.instance-type, ecs.os-type and ecs.cpu-architecture are Kubernetes' own, attribute:NAME is the label NAME; a node that names no zone is in the region's zone a"
	patternExcept = "a pattern stands for the values that nodes have when RunTask or StartTask is called; patterns in a service, whose tasks start later, and other subjects are refused"
	// maxTerms keeps a constraint from growing without end when it is written as
	// a list of alternatives.
	maxTerms = 64
)

var constraintFields = []Field{
	{
		Document: TaskDefinition, Path: "/placementConstraints/*/type", Class: Translated,
		To: "Pod /spec/affinity/nodeAffinity", Rule: "memberOf is the only one of a definition",
	},
	{
		Document: TaskDefinition, Path: "/placementConstraints/*/expression", Class: Translated,
		To: "Pod /spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution", Rule: memberOfRule,
		Except: patternExcept,
	},
	{
		Document: Task, Path: "/placementConstraints/*/type", Class: Translated,
		To: "Pod /spec/affinity", Rule: "memberOf: the node has the labels; distinctInstance: " + distinctRule,
	},
	{
		Document: Task, Path: "/placementConstraints/*/expression", Class: Translated,
		To: "Pod /spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution", Rule: memberOfRule,
		Except: patternExcept,
	},
}

// instanceAttributes are ECS's own attributes (Developer Guide,
// task-placement-constraints) that nodes have as labels.
var instanceAttributes = map[string]string{
	"ecs.availability-zone": corev1.LabelTopologyZone,
	"ecs.instance-type":     corev1.LabelInstanceTypeStable,
	"ecs.os-type":           corev1.LabelOSStable,
	"ecs.cpu-architecture":  corev1.LabelArchStable,
}

// requirements hold together; a list of them holds where one of its parts does.
type requirements []corev1.NodeSelectorRequirement

func (r *renderer) placementConstraints() {
	alternatives := []requirements{{}}
	add := func(at source, expression string) {
		more, reason := attributeReader{r.in.Region + defaultZone}.alternativesIn(expression, r.in.Instances)
		if reason == "" {
			alternatives, reason = both(alternatives, more)
		}
		if reason != "" {
			r.refuse(at, reason)
			return
		}
		pointer := "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution"
		r.translated(at.child("type"), pointer)
		r.translated(at.child("expression"), pointer)
	}
	for i, c := range r.in.TaskDefinition.PlacementConstraints {
		add(source{TaskDefinition, "/placementConstraints/" + strconv.Itoa(i)}, value(c.Expression))
	}
	for i, c := range r.in.PlacementConstraints {
		at := source{Task, "/placementConstraints/" + strconv.Itoa(i)}
		if c.Type == types.PlacementConstraintTypeDistinctInstance {
			r.translatedAs(at.child("type"), r.distinctInstance(), distinctRule)
			continue
		}
		add(at, value(c.Expression))
	}
	r.requireNode(alternatives)
}

// requireNode writes what is not fulfilled by every node.
func (r *renderer) requireNode(alternatives []requirements) {
	var terms []corev1.NodeSelectorTerm
	for _, alternative := range alternatives {
		if len(alternative) == 0 {
			return
		}
		terms = append(terms, corev1.NodeSelectorTerm{MatchExpressions: alternative})
	}
	if len(terms) == 0 {
		return
	}
	r.affinity().NodeAffinity = &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: terms},
	}
}

// attributeReader reads expressions about instances. zone is where a node is that names
// none (see taskBuilder.placement).
type attributeReader struct{ zone string }

// placed are the labels of nodes, with the zone of those that name none.
func (a attributeReader) placed(instances []map[string]string) []map[string]string {
	all := make([]map[string]string, len(instances))
	for i, labels := range instances {
		all[i] = labels
		if labels[corev1.LabelTopologyZone] == "" {
			all[i] = maps.Clone(labels)
			if all[i] == nil {
				all[i] = map[string]string{}
			}
			all[i][corev1.LabelTopologyZone] = a.zone
		}
	}
	return all
}

// alternativesIn reads an expression as alternatives of requirements.
func (a attributeReader) alternativesIn(expression string, instances []map[string]string) (alternatives []requirements, reason string) {
	node, err := clusterquery.Parse(expression)
	if err != nil {
		return nil, "it is not an expression of the cluster query language"
	}
	if instances != nil {
		if node, reason = withoutPatterns(node, a.placed(instances)); reason != "" {
			return nil, reason
		}
	}
	return a.alternativesOf(node, false)
}

func (a attributeReader) alternativesOf(node clusterquery.Node, negated bool) ([]requirements, string) {
	switch node := node.(type) {
	case clusterquery.Not:
		return a.alternativesOf(node.Of, !negated)
	case clusterquery.And:
		return a.combine(node, negated, negated)
	case clusterquery.Or:
		return a.combine(node, negated, !negated)
	case clusterquery.Comparison:
		return a.compare(node, negated)
	}
	return nil, "not an expression"
}

// combine joins parts: one of them, or all, has to hold.
func (a attributeReader) combine(parts []clusterquery.Node, negated, anyOne bool) ([]requirements, string) {
	all := []requirements{{}}
	var either []requirements
	for _, part := range parts {
		alternatives, reason := a.alternativesOf(part, negated)
		if reason != "" {
			return nil, reason
		}
		if anyOne {
			either = append(either, alternatives...)
		} else if all, reason = both(all, alternatives); reason != "" {
			return nil, reason
		}
	}
	if anyOne {
		return either, ""
	}
	return all, ""
}

func both(a, b []requirements) ([]requirements, string) {
	if len(a)*len(b) > maxTerms {
		return nil, "the expressions have too many alternatives for a node affinity"
	}
	var product []requirements
	for _, x := range a {
		for _, y := range b {
			product = append(product, slices.Concat(x, y))
		}
	}
	return product, ""
}

// compare says a comparison, or its opposite, in requirements. On ECS no
// comparison but !exists holds for an instance that has not the attribute.
func (a attributeReader) compare(c clusterquery.Comparison, negated bool) ([]requirements, string) {
	if c.Subject == "agentConnected" && c.Operator == clusterquery.Equals && c.Values[0] == "true" && !negated {
		return []requirements{{}}, "" // a node that is not is given no pods
	}
	name, isAttribute := strings.CutPrefix(c.Subject, "attribute:")
	if !isAttribute {
		return nil, "a node's labels say nothing of " + c.Subject
	}
	if c.Operator == clusterquery.Matches || c.Operator == clusterquery.NotMatches {
		return nil, "a node affinity knows no patterns: name the values, as in " + c.Subject + " in [a, b]"
	}
	label, values, reason := labelOf(name, c.Values)
	if reason != "" {
		return nil, reason
	}
	exists := corev1.NodeSelectorRequirement{Key: label, Operator: corev1.NodeSelectorOpExists}
	absent := corev1.NodeSelectorRequirement{Key: label, Operator: corev1.NodeSelectorOpDoesNotExist}
	in := corev1.NodeSelectorRequirement{Key: label, Operator: corev1.NodeSelectorOpIn, Values: values}
	// Kubernetes' NotIn holds for nodes without the label too.
	notIn := corev1.NodeSelectorRequirement{Key: label, Operator: corev1.NodeSelectorOpNotIn, Values: values}
	if label == corev1.LabelTopologyZone {
		return a.compareZones(c, negated, in, notIn)
	}
	switch c.Operator {
	case clusterquery.Exists:
		return either(negated, []requirements{{exists}}, []requirements{{absent}})
	case clusterquery.NotExists:
		return either(negated, []requirements{{absent}}, []requirements{{exists}})
	case clusterquery.Equals, clusterquery.In:
		return either(negated, []requirements{{in}}, []requirements{{notIn}})
	case clusterquery.NotEquals, clusterquery.NotIn:
		return either(negated, []requirements{{exists, notIn}}, []requirements{{absent}, {in}})
	default: // > >= < <=
		return compareNumbers(label, c, negated, absent)
	}
}

func either(negated bool, is, isNot []requirements) ([]requirements, string) {
	if negated {
		return isNot, ""
	}
	return is, ""
}

// compareZones is compare for the zone, which every instance has: a node that names none
// is in the region's first.
func (a attributeReader) compareZones(c clusterquery.Comparison, negated bool, in, notIn corev1.NodeSelectorRequirement) ([]requirements, string) {
	exists := corev1.NodeSelectorRequirement{Key: in.Key, Operator: corev1.NodeSelectorOpExists}
	absent := corev1.NodeSelectorRequirement{Key: in.Key, Operator: corev1.NodeSelectorOpDoesNotExist}
	always, never := []requirements{{}}, []requirements{{exists, absent}}
	inside, outside := []requirements{{in}}, []requirements{{notIn}}
	if slices.Contains(in.Values, a.zone) {
		inside, outside = []requirements{{in}, {absent}}, []requirements{{exists, notIn}}
	}
	switch c.Operator {
	case clusterquery.Exists:
		return either(negated, always, never)
	case clusterquery.NotExists:
		return either(negated, never, always)
	case clusterquery.Equals, clusterquery.In:
		return either(negated, inside, outside)
	case clusterquery.NotEquals, clusterquery.NotIn:
		return either(negated, outside, inside)
	default: // > >= < <=
		return compareNumbers(in.Key, c, negated, absent)
	}
}

// compareNumbers: Kubernetes has above and below alone, of whole numbers.
func compareNumbers(label string, c clusterquery.Comparison, negated bool, absent corev1.NodeSelectorRequirement) ([]requirements, string) {
	n, err := strconv.ParseInt(c.Values[0], 10, 32)
	if err != nil {
		return nil, "a node affinity compares whole numbers alone"
	}
	bound := func(op corev1.NodeSelectorOperator, n int64) corev1.NodeSelectorRequirement {
		return corev1.NodeSelectorRequirement{Key: label, Operator: op, Values: []string{strconv.FormatInt(n, 10)}}
	}
	above, from := bound(corev1.NodeSelectorOpGt, n), bound(corev1.NodeSelectorOpGt, n-1)
	below, upTo := bound(corev1.NodeSelectorOpLt, n), bound(corev1.NodeSelectorOpLt, n+1)
	opposites := map[clusterquery.Operator][2]corev1.NodeSelectorRequirement{
		clusterquery.Greater: {above, upTo}, clusterquery.GreaterOrEqual: {from, below},
		clusterquery.Less: {below, from}, clusterquery.LessOrEqual: {upTo, above},
	}
	pair := opposites[c.Operator]
	return either(negated, []requirements{{pair[0]}}, []requirements{{absent}, {pair[1]}})
}

// labelOf is a node's label for an attribute, and its values.
func labelOf(name string, values []string) (label string, translated []string, reason string) {
	label, known := instanceAttributes[name]
	switch {
	case known:
	case strings.HasPrefix(name, "ecs."):
		return "", nil, "nodes have the attributes " + strings.Join(slices.Sorted(maps.Keys(instanceAttributes)), ", ") + " of ECS's own"
	case len(validation.IsQualifiedName(name)) > 0:
		return "", nil, "the name of a node's label has letters, digits, hyphens, dots and underscores, and at most 63 of them"
	default:
		label = name
	}
	for _, v := range values {
		if len(validation.IsValidLabelValue(v)) > 0 {
			return "", nil, "a node's label has no value " + strconv.Quote(v)
		}
		if label == corev1.LabelArchStable && v == "x86_64" {
			v = "amd64"
		}
		translated = append(translated, v)
	}
	return label, translated, ""
}
