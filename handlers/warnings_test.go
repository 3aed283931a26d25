package handlers

import (
	"strings"
	"testing"

	"github.com/gantry-ecs/gantry/translator"
)

func TestEventNoteFits(t *testing.T) {
	findings := []translator.Finding{
		{ECS: "/executionRoleArn", Class: translator.Ignored, Rule: "the node pulls"},
		{ECS: "/pidMode", Class: translator.Refused, Rule: "not yet"},
		{ECS: "/family", Class: translator.Represented, Rule: "kept"},
		{ECS: "/x", Class: translator.Ignored, Rule: "no effect"},
	}
	if got, want := eventNote(findings, translator.Ignored), "/executionRoleArn: the node pulls; /x: no effect"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := eventNote(findings, translator.Refused), "/pidMode: not yet"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := eventNote(findings, translator.Translated); got != "" {
		t.Errorf("got %q of no finding", got)
	}
	var many []translator.Finding
	for range 100 {
		many = append(many, translator.Finding{ECS: "/containerDefinitions/0/logConfiguration/options/mode", Class: translator.Ignored, Rule: strings.Repeat("r", 50)})
	}
	got := eventNote(many, translator.Ignored)
	if len(got) > maxEventNote || !strings.HasSuffix(got, " more") {
		t.Errorf("%d bytes that end %q", len(got), got[len(got)-20:])
	}
}
