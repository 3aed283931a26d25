// Package clusterquery reads ECS's cluster query language (Developer Guide,
// cluster-query-language): what a placement constraint and a filter of container
// instances say.
//
// It is pure, imports nothing of ours, and must not know what the subjects are
// in Kubernetes.
package clusterquery

// Node is a parsed expression: And, Or, Not or Comparison.
type Node interface{ isNode() }

// And holds where all of its parts do.
type And []Node

// Or holds where one of its parts does.
type Or []Node

// Not holds where its part does not.
type Not struct{ Of Node }

// Comparison is what is said of one subject.
type Comparison struct {
	Subject  string
	Operator Operator
	// Values is one value, several for In and NotIn, none for Exists and NotExists.
	Values []string
}

func (And) isNode()        {}
func (Or) isNode()         {}
func (Not) isNode()        {}
func (Comparison) isNode() {}

// Operator compares.
type Operator string

// The operators, by their signs.
const (
	Equals         Operator = "=="
	NotEquals      Operator = "!="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Matches        Operator = "=~"
	NotMatches     Operator = "!~"
	Exists         Operator = "exists"
	NotExists      Operator = "!exists"
	In             Operator = "in"
	NotIn          Operator = "!in"
)
