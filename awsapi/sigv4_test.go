package awsapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

var verifying = Config{Verify: true, Secret: secretOfTestKey}

func TestSignatureOfTheRealClient(t *testing.T) {
	url := serve(t, verifying, echo())
	with := func(key, secret, token string) func(*ecs.Options) {
		return func(o *ecs.Options) { o.Credentials = credentials.NewStaticCredentialsProvider(key, secret, token) }
	}
	tests := map[string]struct {
		opts    []func(*ecs.Options)
		code    string
		message string
	}{
		"right":                {},
		"with a session token": {opts: []func(*ecs.Options){with(testKey, testSecret, "token")}},
		"wrong secret": {
			[]func(*ecs.Options){with(testKey, "wrong", "")},
			"InvalidSignatureException",
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		},
		"unknown key": {
			[]func(*ecs.Options){with("AKIDEXAMPLE", testSecret, "")},
			"UnrecognizedClientException",
			"The security token included in the request is invalid.",
		},
		"no credentials": {
			[]func(*ecs.Options){func(o *ecs.Options) { o.Credentials = aws.AnonymousCredentials{} }},
			"MissingAuthenticationTokenException", "Missing Authentication Token",
		},
		"a header changed on the way": {
			[]func(*ecs.Options){onTheWay(func(r *http.Request) { r.Header.Set("X-Amz-Target", ecsTarget+"TagResource") })},
			"InvalidSignatureException", "",
		},
		"a body changed on the way": {
			[]func(*ecs.Options){onTheWay(func(r *http.Request) {
				body := []byte(`{"nextToken":"y"}`)
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			})},
			"InvalidSignatureException", "",
		},
		"a query added on the way": {
			[]func(*ecs.Options){onTheWay(func(r *http.Request) { r.URL.RawQuery = "a=b" })}, "InvalidSignatureException", "",
		},
		"a header added on the way": {opts: []func(*ecs.Options){onTheWay(func(r *http.Request) {
			r.Header.Set("X-Forwarded-For", "10.0.0.1")
			r.Header.Set("User-Agent", "proxy")
		})}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ecsClient(url, tt.opts...).ListClusters(t.Context(), &ecs.ListClustersInput{NextToken: aws.String("x")})
			if tt.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var api smithy.APIError
			var resp *smithyhttp.ResponseError
			if !errors.As(err, &api) || !errors.As(err, &resp) {
				t.Fatalf("error %v, want %s", err, tt.code)
			}
			if api.ErrorCode() != tt.code || resp.HTTPStatusCode() != http.StatusBadRequest {
				t.Errorf("error %v, want %s with 400", err, tt.code)
			}
			if tt.message != "" && api.ErrorMessage() != tt.message {
				t.Errorf("message %q, want %q", api.ErrorMessage(), tt.message)
			}
		})
	}
}

// onTheWay changes a request after it was signed.
func onTheWay(change func(*http.Request)) func(*ecs.Options) {
	return func(o *ecs.Options) {
		o.HTTPClient = smithyhttp.ClientDoFunc(func(r *http.Request) (*http.Response, error) {
			change(r)
			return http.DefaultClient.Do(r)
		})
	}
}

// signed is a request signed as the CLI signs: a few headers alone.
func signed(tb testing.TB, at time.Time, service string, edit func(*http.Request)) *http.Request {
	tb.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader("{}"))
	r.Header.Set("Content-Type", contentTypeJSON11)
	r.Header.Set("X-Amz-Target", ecsTarget+"ListClusters")
	creds := aws.Credentials{AccessKeyID: testKey, SecretAccessKey: testSecret}
	const sumOfBody = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
	if err := v4.NewSigner().SignHTTP(tb.Context(), creds, r, sumOfBody, service, "us-east-1", at); err != nil {
		tb.Fatal(err)
	}
	if edit != nil {
		edit(r)
	}
	return r
}

func TestVerify(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 2, 0, 0, time.UTC)
	replace := func(from, to string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
		}
	}
	tests := map[string]struct {
		at            time.Time
		service       string
		edit          func(*http.Request)
		code, message string
	}{
		"at the time":      {at: now},
		"5 minutes before": {at: now.Add(-maxSkew), code: ""},
		"5 minutes after":  {at: now.Add(maxSkew)},
		"too old": {
			at: now.Add(-maxSkew - time.Second), code: "InvalidSignatureException",
			message: "Signature expired: 20260228T235659Z is now earlier than 20260228T235700Z (20260301T000200Z - 5 min.)",
		},
		"too new": {
			at: now.Add(maxSkew + time.Second), code: "InvalidSignatureException",
			message: "Signature not yet current: 20260301T000701Z is still later than 20260301T000700Z (20260301T000200Z + 5 min.)",
		},
		"another service": {
			at: now, service: "sts", code: "InvalidSignatureException",
			message: "Credential should be scoped to correct service: 'ecs'.",
		},
		"another day in the scope": {
			at: now, edit: replace("/20260301/", "/20260228/"), code: "InvalidSignatureException",
			message: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260228' != '20260301', from '20260301T000200Z'.",
		},
		"another region in the scope": {at: now, edit: replace("/us-east-1/", "/eu-west-1/"), code: "InvalidSignatureException"},
		"half a signature": {at: now, edit: func(r *http.Request) {
			h := r.Header.Get("Authorization")
			r.Header.Set("Authorization", h[:len(h)-10])
		}, code: "InvalidSignatureException"},
		"no signature": {
			at: now, edit: replace("Signature=", "Sig="), code: "IncompleteSignatureException",
			message: "Authorization header requires 'Signature' parameter.",
		},
		"no signed headers": {
			at: now, edit: replace("SignedHeaders=", "Headers="), code: "IncompleteSignatureException",
			message: "Authorization header requires 'SignedHeaders' parameter.",
		},
		"no credential": {
			at: now, edit: replace("Credential=", "Cred="), code: "IncompleteSignatureException",
			message: "Authorization header requires 'Credential' parameter.",
		},
		"half a scope":        {at: now, edit: replace("/us-east-1/ecs", ""), code: "IncompleteSignatureException"},
		"another algorithm":   {at: now, edit: replace(algorithm, "AWS4-ECDSA-P256-SHA256"), code: "IncompleteSignatureException"},
		"basic":               {at: now, edit: func(r *http.Request) { r.SetBasicAuth("a", "b") }, code: "IncompleteSignatureException"},
		"no date":             {at: now, edit: func(r *http.Request) { r.Header.Del("X-Amz-Date") }, code: "IncompleteSignatureException"},
		"a date of its own":   {at: now, edit: func(r *http.Request) { r.Header.Set("X-Amz-Date", "2026-03-01") }, code: "IncompleteSignatureException"},
		"another date":        {at: now, edit: func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260301T000300Z") }, code: "InvalidSignatureException"},
		"another host":        {at: now, edit: func(r *http.Request) { r.Host = "localhost" }, code: "InvalidSignatureException"},
		"the host not signed": {at: now, edit: replace("host;", ""), code: "InvalidSignatureException", message: "'host' must be a 'SignedHeader' in the AWS Authorization."},
		"the target not signed": {
			at: now, edit: replace(";x-amz-target", ""), code: "InvalidSignatureException",
			message: "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
		},
		"a token added": {at: now, edit: func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }, code: "InvalidSignatureException"},
		"a header added, not signed": {
			at: now, edit: func(r *http.Request) { r.Header.Set("Amz-Sdk-Request", "attempt=1") },
		},
	}
	v := newVerifier(secretOfTestKey, func() time.Time { return now })
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.service == "" {
				tt.service = "ecs"
			}
			r := signed(t, tt.at, tt.service, tt.edit)
			auth, err := parseAuthorization(r)
			if err == nil {
				err = v.verify(t.Context(), r, []byte("{}"), auth, "ecs")
			}
			if tt.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != tt.code {
				t.Fatalf("error %v, want %s", err, tt.code)
			}
			if tt.message != "" && api.ErrorMessage() != tt.message {
				t.Errorf("message %q, want %q", api.ErrorMessage(), tt.message)
			}
		})
	}
}

func TestContentLengthMayBeSigned(t *testing.T) {
	now := time.Now()
	r := signed(t, now, "ecs", nil)
	if auth, err := parseAuthorization(r); err != nil || !strings.Contains(strings.Join(auth.signedHeaders, ";"), "content-length") {
		t.Fatalf("the signer signed %v, error %v: this test wants content-length among them", auth.signedHeaders, err)
	}
	v := newVerifier(secretOfTestKey, time.Now)
	auth, _ := parseAuthorization(r)
	if err := v.verify(t.Context(), r, []byte("{}"), auth, "ecs"); err != nil {
		t.Error(err)
	}
}

// A key that cannot be looked up may be a good one: the client must try again and
// not be told that it is unknown.
func TestKeyThatCannotBeLookedUp(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	url := serve(t, Config{
		Verify: true, Logger: zap.New(core),
		Secret: func(context.Context, string) (string, bool, error) {
			return "", false, errors.New("the API server is away")
		},
	}, echo())
	_, err := ecsClient(url).ListClusters(t.Context(), &ecs.ListClustersInput{})
	if server, ok := errors.AsType[*types.ServerException](err); !ok || server.ErrorMessage() != serviceUnavailable {
		t.Errorf("got %v, want a ServerException that says %q", err, serviceUnavailable)
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); !ok || response.HTTPStatusCode() != http.StatusInternalServerError {
		t.Errorf("got %v, want status 500", err)
	}
	line := logs.FilterLevelExact(zapcore.ErrorLevel).All()
	if len(line) != 1 || !strings.Contains(fmt.Sprint(line[0].ContextMap()), "the API server is away") {
		t.Errorf("logged %v, want one error with the cause", line)
	}
}

func TestVerifiedBeforeAnythingIsTold(t *testing.T) {
	url := serve(t, verifying, echo())
	for _, op := range []string{"ListClusters", "ListGateways", "NoSuch"} {
		got := send(t, url, op, `[]`, nil)
		if e := got.error(t); e.Type != "MissingAuthenticationTokenException" {
			t.Errorf("%s without a signature: %s", op, got.body)
		}
	}
}

// TestForeignServiceOfTheRealClient: a client of a service that is not served
// must see an error and not a parser's complaint.
func TestForeignServiceOfTheRealClient(t *testing.T) {
	client := sts.New(sts.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(serve(t, Config{}, echo())), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(testKey, testSecret, ""),
	})
	_, err := client.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != "UnknownOperationException" || api.ErrorMessage() != "The service sts is not supported by Gantry." {
		t.Errorf("got %v", err)
	}
}

// TestRequestsTriedAgain: the SDK tries a server's failures again, and each try
// is signed and answered anew.
func TestRequestsTriedAgain(t *testing.T) {
	var attempts atomic.Int32
	svc := NewECS()
	Handle(svc, "ListClusters", func(context.Context, *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
		if attempts.Add(1) == 1 {
			return nil, errors.New("the first one fails")
		}
		return &ecs.ListClustersOutput{}, nil
	})
	client := ecsClient(serve(t, verifying, svc), func(o *ecs.Options) { o.RetryMaxAttempts = 3 })
	if _, err := client.ListClusters(t.Context(), &ecs.ListClustersInput{}); err != nil || attempts.Load() != 2 {
		t.Errorf("%d attempts, error %v", attempts.Load(), err)
	}
}
