package clusterquery

import (
	"fmt"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// MaxLength is the most that an expression may have (API reference,
// PlacementConstraint.expression).
const MaxLength = 2000

// Parse reads an expression.
func Parse(text string) (Node, error) {
	if len(text) > MaxLength {
		return nil, fmt.Errorf("an expression has at most %d characters", MaxLength)
	}
	parsed, err := parser.ParseString("", text)
	if err != nil {
		return nil, fmt.Errorf("read expression: %w", err)
	}
	return parsed.node(), nil
}

// The grammar of the Developer Guide, cluster-query-language.
type (
	disjunction struct {
		Parts []*conjunction `parser:"@@ ( ( '||' | 'or' ) @@ )*"`
	}
	conjunction struct {
		Parts []*negation `parser:"@@ ( ( '&&' | 'and' ) @@ )*"`
	}
	negation struct {
		Negated    *negation    `parser:"  ( '!' | 'not' ) @@"`
		Grouped    *disjunction `parser:"| '(' @@ ')'"`
		Comparison *comparison  `parser:"| @@"`
	}
	comparison struct {
		Subject string   `parser:"@Word"`
		Exists  string   `parser:"( @( '!'? 'exists' | 'not_exists' )"`
		In      string   `parser:"| @( '!'? 'in' | 'not_in' )"`
		List    []string `parser:"  '[' @( Word | Quoted ) ( ',' @( Word | Quoted ) )* ']'"`
		Compare string   `parser:"| @( '==' | '!=' | '>=' | '<=' | '=~' | '!~' | '>' | '<' | 'equals' | 'not_equals' | 'greater_than' | 'greater_than_equal' | 'less_than' | 'less_than_equal' | 'matches' | 'not_matches' )"`
		Value   string   `parser:"  @( Word | Quoted ) )"`
	}
)

var parser = participle.MustBuild[disjunction](
	participle.Lexer(lexer.MustSimple([]lexer.SimpleRule{
		{Name: "Space", Pattern: `\s+`},
		{Name: "Quoted", Pattern: `'[^']*'`},
		{Name: "Symbol", Pattern: `==|!=|>=|<=|=~|!~|&&|\|\||[!<>()\[\],]`},
		{Name: "Word", Pattern: `[^\s'=!<>~&|()\[\],]+`},
	})),
	participle.Elide("Space"),
	participle.Map(unquote, "Quoted"),
	participle.UseLookahead(2),
)

func unquote(t lexer.Token) (lexer.Token, error) {
	t.Value = t.Value[1 : len(t.Value)-1]
	return t, nil
}

// operators are the words that stand for signs.
var operators = map[string]Operator{
	"equals": Equals, "not_equals": NotEquals, "greater_than": Greater, "greater_than_equal": GreaterOrEqual,
	"less_than": Less, "less_than_equal": LessOrEqual, "matches": Matches, "not_matches": NotMatches,
	"not_exists": NotExists, "not_in": NotIn,
}

func operator(text string) Operator {
	if op, ok := operators[text]; ok {
		return op
	}
	return Operator(text)
}

func (d *disjunction) node() Node {
	if len(d.Parts) == 1 {
		return d.Parts[0].node()
	}
	var or Or
	for _, part := range d.Parts {
		or = append(or, part.node())
	}
	return or
}

func (c *conjunction) node() Node {
	if len(c.Parts) == 1 {
		return c.Parts[0].node()
	}
	var and And
	for _, part := range c.Parts {
		and = append(and, part.node())
	}
	return and
}

func (n *negation) node() Node {
	switch {
	case n.Negated != nil:
		return Not{n.Negated.node()}
	case n.Grouped != nil:
		return n.Grouped.node()
	default:
		return n.Comparison.node()
	}
}

func (c *comparison) node() Node {
	switch {
	case c.Exists != "":
		return Comparison{Subject: c.Subject, Operator: operator(c.Exists)}
	case c.In != "":
		return Comparison{Subject: c.Subject, Operator: operator(c.In), Values: c.List}
	default:
		return Comparison{Subject: c.Subject, Operator: operator(c.Compare), Values: []string{c.Value}}
	}
}
