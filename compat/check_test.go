package compat

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func TestChecks(t *testing.T) {
	refused := &types.ClientException{Message: aws.String("no, because")}
	tests := []struct {
		name  string
		check func(t *T)
		want  string // part of the failure; "" means none
	}{
		{"equal pointer", func(t *T) { t.Equal("m", aws.String("a"), "a") }, ""},
		{"equal enum", func(t *T) { t.Equal("m", types.LaunchTypeEc2, "EC2") }, ""},
		{"equal number", func(t *T) { t.Equal("m", aws.Int32(3), 3) }, ""},
		{"equal bool", func(t *T) { t.Equal("m", aws.Bool(false), false) }, ""},
		{"both absent", func(t *T) { t.Equal("m", (*string)(nil), nil) }, ""},
		{"other string", func(t *T) { t.Equal("m", aws.String("a"), "b") }, `m is "a", want "b" [source]`},
		{"other number", func(t *T) { t.Equal("m", int32(0), 1) }, "m is 0, want 1"},
		{"absent", func(t *T) { t.Equal("m", (*int32)(nil), 0) }, "m is <nil>, want 0"},
		{"not absent", func(t *T) { t.Equal("m", aws.String(""), nil) }, `m is "", want <nil>`},
		{"other list", func(t *T) { t.Equal("m", []string{"a"}, []string{"b"}) }, "m is [a], want [b]"},
		{"empty list", func(t *T) { t.EmptyList("m", []string{}) }, ""},
		{"absent list", func(t *T) { t.EmptyList("m", []string(nil)) }, "want []"},
		{"list with members", func(t *T) { t.EmptyList("m", []string{"a"}) }, "m is [a], want []"},
		{"untrue", func(t *T) { t.True(false, "%d is it", 1) }, "not so: 1 is it"},
		{"the error", func(t *T) { t.Error(refused, "Call", "ClientException", "no, because") }, ""},
		{"any text", func(t *T) { t.Error(refused, "Call", "ClientException", anyText) }, ""},
		{"another text", func(t *T) { t.Error(refused, "Call", "ClientException", "no") }, "Call answered ClientException: no, because, want"},
		{"another code", func(t *T) { t.Error(refused, "Call", "ServerException", anyText) }, "want ServerException"},
		{"no error", func(t *T) { t.Error(nil, "Call", "ClientException", anyText) }, "Call succeeded"},
		{"no answer", func(t *T) { t.Error(errors.New("connection refused"), "Call", "ClientException", anyText) }, "connection refused"},
		{"a part", func(t *T) { t.ErrorHas(refused, "Call", "ClientException", "because") }, ""},
		{"not a part", func(t *T) { t.ErrorHas(refused, "Call", "ClientException", "why") }, `has no "why"`},
		{"failed call", func(t *T) { t.OK(refused, "Call"); t.fail("went on") }, "Call: ClientException"},
		{"panic", func(*T) { panic("odd") }, "panic: odd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &T{source: "source"}
			perform(c, tt.check)
			switch got := strings.Join(c.failures, "\n"); {
			case tt.want == "" && got != "":
				t.Errorf("failed: %s", got)
			case tt.want != "" && (len(c.failures) != 1 || !strings.Contains(got, tt.want)):
				t.Errorf("failures %q, want one with %q", c.failures, tt.want)
			}
		})
	}
}
