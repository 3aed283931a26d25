package translator

import (
	"regexp"
	"testing"
)

var (
	secretObject = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	secretKey    = regexp.MustCompile(`^[-._a-zA-Z0-9]+$`)
)

func TestSecretName(t *testing.T) {
	const arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-AbCdEf"
	for _, tt := range []struct {
		valueFrom, name, key string
	}{
		{"app-token", "ssm.app-token", "Value"},
		{"/app-token", "ssm.app-token", "Value"},
		{"/prod/db", "ssm.prod-db.1aeab36d41", "Value"},
		{arn, "secretsmanager.db-abcdef.71485d0fcd", "SecretString"},
		{arn + ":::", "secretsmanager.db-abcdef.71485d0fcd", "SecretString"},
		{arn + ":username::", "secretsmanager.db-abcdef.71485d0fcd", "username"},
		{"", "", ""},
		{"arn:aws:s3:::bucket/key", "", ""},
		{"no spaces", "", ""},
	} {
		name, key := SecretName(tt.valueFrom)
		if name != tt.name || key != tt.key {
			t.Errorf("SecretName(%q) = %q, %q, want %q, %q", tt.valueFrom, name, key, tt.name, tt.key)
		}
	}
}
