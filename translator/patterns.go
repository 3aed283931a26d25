package translator

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/clusterquery"
)

// HasPatterns says whether an expression compares by a pattern; one that cannot
// be read has none.
func HasPatterns(expression string) bool {
	node, err := clusterquery.Parse(expression)
	return err == nil && hasPatterns(node)
}

func hasPatterns(node clusterquery.Node) bool {
	switch node := node.(type) {
	case clusterquery.Not:
		return hasPatterns(node.Of)
	case clusterquery.And:
		return slices.ContainsFunc(node, hasPatterns)
	case clusterquery.Or:
		return slices.ContainsFunc(node, hasPatterns)
	case clusterquery.Comparison:
		return node.Operator == clusterquery.Matches || node.Operator == clusterquery.NotMatches
	}
	return false
}

// withoutPatterns puts the values that the instances have in place of the
// patterns that match them.
func withoutPatterns(node clusterquery.Node, instances []map[string]string) (resolved clusterquery.Node, reason string) {
	all := func(parts []clusterquery.Node) []clusterquery.Node {
		out := make([]clusterquery.Node, len(parts))
		for i, part := range parts {
			var why string
			if out[i], why = withoutPatterns(part, instances); why != "" {
				reason = why
			}
		}
		return out
	}
	switch node := node.(type) {
	case clusterquery.Not:
		of, reason := withoutPatterns(node.Of, instances)
		return clusterquery.Not{Of: of}, reason
	case clusterquery.And:
		return clusterquery.And(all(node)), reason
	case clusterquery.Or:
		return clusterquery.Or(all(node)), reason
	case clusterquery.Comparison:
		if node.Operator == clusterquery.Matches || node.Operator == clusterquery.NotMatches {
			return resolvePattern(node, instances)
		}
	}
	return node, ""
}

func resolvePattern(c clusterquery.Comparison, instances []map[string]string) (clusterquery.Node, string) {
	name, isAttribute := strings.CutPrefix(c.Subject, "attribute:")
	if !isAttribute {
		return c, "a node's labels say nothing of " + c.Subject
	}
	label, _, reason := labelOf(name, nil)
	if reason != "" {
		return c, reason
	}
	// The guide's example, g2.*, matches the whole value as Java's matches() does.
	pattern, err := regexp.Compile(`^(?:` + c.Values[0] + `)$`)
	if err != nil {
		return c, "Gantry cannot read the pattern " + strconv.Quote(c.Values[0]) + ": name the values, as in " + c.Subject + " in [a, b]"
	}
	values := matching(pattern, label, instances)
	exists := clusterquery.Comparison{Subject: c.Subject, Operator: clusterquery.Exists}
	switch {
	case len(values) > 0 && c.Operator == clusterquery.Matches:
		return clusterquery.Comparison{Subject: c.Subject, Operator: clusterquery.In, Values: values}, ""
	case len(values) > 0:
		return clusterquery.Comparison{Subject: c.Subject, Operator: clusterquery.NotIn, Values: values}, ""
	case c.Operator == clusterquery.NotMatches:
		return exists, ""
	}
	// No instance has such a value: nothing can hold.
	return clusterquery.And{exists, clusterquery.Comparison{Subject: c.Subject, Operator: clusterquery.NotExists}}, ""
}

// matching are the values of a label that the pattern matches, as ECS has them.
func matching(pattern *regexp.Regexp, label string, instances []map[string]string) []string {
	var values []string
	for _, labels := range instances {
		value, has := labels[label]
		if label == corev1.LabelArchStable && value == "amd64" {
			value = "x86_64"
		}
		if has && pattern.MatchString(value) && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return values
}
