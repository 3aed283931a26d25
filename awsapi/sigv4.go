package awsapi

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// maxSkew is how far a request's clock may be off (IAM User Guide, "Elements of
// an AWS API request signature").
const maxSkew = 5 * time.Minute

const amzDate = "20060102T150405Z"

// verifier checks Signature Version 4 by signing again what was signed.
type verifier struct {
	secret func(ctx context.Context, accessKeyID string) (string, bool, error)
	now    func() time.Time
	signer *v4.Signer
}

func newVerifier(secret func(context.Context, string) (string, bool, error), now func() time.Time) *verifier {
	return &verifier{secret: secret, now: now, signer: v4.NewSigner()}
}

// verify returns the error to answer with, or nil. Service is the signing name
// of the service that the request is for.
func (v *verifier) verify(ctx context.Context, r *http.Request, body []byte, auth authorization, service string) error {
	if err := mustBeSigned(r, auth.signedHeaders); err != nil {
		return err
	}
	secret, found, err := v.secret(ctx, auth.accessKeyID)
	if err != nil {
		return fmt.Errorf("look up the secret access key of %s: %w", auth.accessKeyID, err)
	}
	if !found {
		return unrecognizedClient()
	}
	signedAt, err := v.signedAt(r, auth.scope)
	if err != nil {
		return err
	}
	if auth.service != service {
		return invalidSignature(fmt.Sprintf("Credential should be scoped to correct service: '%s'.", service))
	}
	again := requestAsSigned(r, body, auth.signedHeaders)
	sum := sha256.Sum256(body)
	creds := aws.Credentials{AccessKeyID: auth.accessKeyID, SecretAccessKey: secret}
	if err := v.signer.SignHTTP(ctx, creds, again, hex.EncodeToString(sum[:]), service, auth.region, signedAt); err != nil {
		return fmt.Errorf("sign the request again: %w", err)
	}
	want, err := parseAuthorization(again)
	if err != nil {
		return fmt.Errorf("read the signature made again: %w", err)
	}
	if !hmac.Equal([]byte(want.signature), []byte(auth.signature)) {
		return signatureMismatch()
	}
	return nil
}

// mustBeSigned holds a signature to the headers that say what a call does, when
// and where: without them one signature would be good for other calls.
func mustBeSigned(r *http.Request, signed []string) error {
	for _, name := range []string{"host", "x-amz-date", "x-amz-target", "x-amz-security-token"} {
		present := name == "host" || r.Header.Get(name) != ""
		if present && !slices.Contains(signed, name) {
			return invalidSignature(fmt.Sprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", name))
		}
	}
	return nil
}

// signedAt returns the time of the signature if it is near enough to now.
func (v *verifier) signedAt(r *http.Request, s scope) (time.Time, error) {
	header := r.Header.Get("X-Amz-Date")
	if header == "" {
		return time.Time{}, incompleteSignature("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	t, err := time.Parse(amzDate, header)
	if err != nil {
		return time.Time{}, incompleteSignature("Date must be in ISO-8601 'basic format'. Got '" + header + "'.")
	}
	if day := t.Format("20060102"); day != s.date {
		return time.Time{}, invalidSignature(fmt.Sprintf("Date in Credential scope does not match YYYYMMDD "+
			"from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.", s.date, day, header))
	}
	now := v.now().UTC()
	if earliest := now.Add(-maxSkew); t.Before(earliest) {
		return time.Time{}, invalidSignature(fmt.Sprintf("Signature expired: %s is now earlier than %s (%s - 5 min.)",
			header, earliest.Format(amzDate), now.Format(amzDate)))
	}
	if latest := now.Add(maxSkew); t.After(latest) {
		return time.Time{}, invalidSignature(fmt.Sprintf("Signature not yet current: %s is still later than %s (%s + 5 min.)",
			header, latest.Format(amzDate), now.Format(amzDate)))
	}
	return t, nil
}

// requestAsSigned is the request with the signed headers alone: the signer
// takes all headers that it finds, and proxies and clients add some that were
// never signed.
func requestAsSigned(r *http.Request, body []byte, signed []string) *http.Request {
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}}
	for _, name := range signed {
		switch key := http.CanonicalHeaderKey(name); {
		case name == "host":
		case name == "content-length":
			again.ContentLength = int64(len(body))
		case r.Header[key] != nil:
			again.Header[key] = r.Header[key]
		}
	}
	return again
}
