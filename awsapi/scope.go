package awsapi

import (
	"net/http"
	"strings"
)

const algorithm = "AWS4-HMAC-SHA256"

// scope is what the Credential of a signature says.
type scope struct {
	accessKeyID, date, region, service string
}

// authorization is a parsed Authorization header of Signature Version 4.
type authorization struct {
	scope
	signedHeaders []string
	signature     string
}

// parseAuthorization reads the Authorization header. The error is one to answer
// with where signatures are verified; elsewhere what could be read is enough.
func parseAuthorization(r *http.Request) (authorization, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return authorization{}, missingToken()
	}
	rest, ok := strings.CutPrefix(header, algorithm)
	if !ok || !strings.HasPrefix(rest, " ") {
		return authorization{}, incompleteSignature("Authorization header requires the algorithm " + algorithm + ".")
	}
	params := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		params[key] = value
	}
	s, err := parseCredential(params["Credential"])
	auth := authorization{
		scope:         s,
		signedHeaders: strings.Split(params["SignedHeaders"], ";"),
		signature:     params["Signature"],
	}
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if params[name] == "" {
			return auth, incompleteSignature("Authorization header requires '" + name + "' parameter.")
		}
	}
	return auth, err
}

// parseCredential reads AKID/date/region/service/aws4_request. A key id may
// itself hold slashes, so the scope is counted from the end.
func parseCredential(credential string) (scope, error) {
	parts := strings.Split(credential, "/")
	n := len(parts)
	if n < 5 || parts[n-1] != "aws4_request" {
		return scope{}, incompleteSignature("Credential must have at least 5 slash-delimited elements and end in aws4_request.")
	}
	return scope{
		accessKeyID: strings.Join(parts[:n-4], "/"),
		date:        parts[n-4],
		region:      parts[n-3],
		service:     parts[n-2],
	}, nil
}
