package awsapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

func get(t *testing.T, url, host string) wireAnswer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		req.Host = host
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return wireAnswer{resp.StatusCode, resp.Header, string(body)}
}

func TestProbes(t *testing.T) {
	ready := errors.New("caches are not synced")
	url := serve(t, Config{
		Ready:  func() error { return ready },
		Health: func(context.Context) any { return map[string]bool{"kubernetes": true} },
	}, echo())
	tests := map[string]struct {
		path, host string
		status     int
		body       string
	}{
		"alive":                  {"/livez", "", 200, "ok\n"},
		"not ready":              {"/readyz", "", 503, "caches are not synced\n"},
		"health":                 {"/health", "", 200, `{"kubernetes":true}`},
		"health under any name":  {"/health", "evil.example", 421, "The host name in the request is not one that Gantry answers to.\n"},
		"metrics under any name": {"/metrics", "evil.example", 421, "The host name in the request is not one that Gantry answers to.\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := get(t, url+tt.path, tt.host)
			if got.status != tt.status || got.body != tt.body {
				t.Errorf("status %d, body %q; want %d and %q", got.status, got.body, tt.status, tt.body)
			}
			if got.header.Get(requestIDHeader) == "" {
				t.Error("no request id")
			}
		})
	}
	ready = nil
	if got := get(t, url+"/readyz", ""); got.status != http.StatusOK {
		t.Errorf("ready: status %d", got.status)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	url := serve(t, Config{Registry: reg}, echo())
	for _, op := range []string{"ListClusters", "ListClusters", "ListGateways", "NoSuch1", "NoSuch2"} {
		send(t, url, op, `{}`, nil)
	}
	want := `# HELP gantry_api_requests_total AWS API calls by service, operation and error code (OK where there is none).
# TYPE gantry_api_requests_total counter
gantry_api_requests_total{code="OK",operation="ListClusters",service="ecs"} 2
gantry_api_requests_total{code="UnknownOperationException",operation="other",service="ecs"} 2
gantry_api_requests_total{code="UnsupportedFeatureException",operation="ListGateways",service="ecs"} 1
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), "gantry_api_requests_total"); err != nil {
		t.Error(err)
	}
	if got := get(t, url+"/metrics", ""); !strings.Contains(got.body, "gantry_api_request_duration_seconds_bucket") {
		t.Errorf("no duration in %s", got.body)
	}
}

// TestCallsWaitForWhatTheyAreAnsweredFrom: an error of the service is tried again by
// clients, an answer made of nothing is not.
func TestCallsWaitForWhatTheyAreAnsweredFrom(t *testing.T) {
	var filled atomic.Bool
	url := serve(t, Config{CallTimeout: 50 * time.Millisecond, Filled: func(ctx context.Context) error {
		if filled.Load() {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}}, echo())
	if got := send(t, url, "ListClusters", "{}", nil); got.status != 500 || !strings.Contains(got.body, "ServerException") {
		t.Errorf("before: %+v", got)
	}
	filled.Store(true)
	if got := send(t, url, "ListClusters", "{}", nil); got.status != 200 {
		t.Errorf("after: %+v", got)
	}
}

func TestOneLogLineACall(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	svc := NewECS()
	Handle(svc, "RunTask", func(ctx context.Context, in *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) {
		Note(ctx, "cluster", "another")
		Note(ctx, "cluster", aws.ToString(in.Cluster))
		if in.TaskDefinition == nil {
			return nil, errors.New("the API server said: no")
		}
		return &ecs.RunTaskOutput{}, nil
	})
	url := serve(t, Config{Logger: zap.New(core)}, svc)
	const secret = "hunter2"
	headers := func(r *http.Request) {
		credential(secret + "/20260101/us-east-1/ecs")(r)
		r.Header.Set("X-Amz-Security-Token", secret)
		r.Header.Set("Amz-Sdk-Invocation-Id", "id-1")
		r.Header.Set("Amz-Sdk-Request", "attempt=2; max=3")
	}
	send(t, url, "RunTask", `{"cluster":"c","taskDefinition":"`+secret+`"}`, headers)
	send(t, url, "RunTask", `{"cluster":"c"}`, headers)
	send(t, url, "RunTask", `{"cluster":["`+secret+`"]}`, headers)
	send(t, url, "RunTask", `{"taskDefinition":"a","new":"`+secret+`"}`, nil)

	type line struct {
		Level                                          zapcore.Level
		Message, Operation, Code, Cluster, Id, Attempt string //nolint:revive // compared as they are
		Status                                         int64
		Err, Detail                                    any
	}
	var got []line
	for _, e := range logs.All() {
		f := e.ContextMap()
		if len(f) != len(e.Context) {
			t.Errorf("%q has a member more than once: %v", e.Message, e.Context)
		}
		for key, value := range f {
			if text, ok := value.(string); ok && strings.Contains(text, secret) {
				t.Errorf("%s has a secret: %s", key, text)
			}
		}
		str := func(k string) string { s, _ := f[k].(string); return s }
		status, _ := f["status"].(int64)
		got = append(got, line{e.Level, e.Message, str("operation"), str("code"), str("cluster"), str("invocation_id"), str("attempt"), status, f["error"], f["detail"]})
		if str("request_id") == "" {
			t.Errorf("%q has no request id", e.Message)
		}
	}
	want := []line{
		{zapcore.InfoLevel, "call", "RunTask", "OK", "c", "id-1", "2", 200, nil, nil},
		{zapcore.ErrorLevel, "call", "RunTask", "ServerException", "c", "id-1", "2", 500, "the API server said: no", nil},
		{zapcore.InfoLevel, "call", "RunTask", "SerializationException", "", "id-1", "2", 400, nil, "cluster"},
		{zapcore.DebugLevel, "request has members that the SDK does not know", "RunTask", "", "", "", "", 0, nil, nil},
		{zapcore.InfoLevel, "call", "RunTask", "OK", "", "", "", 200, nil, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestContextOutsideOfACall(t *testing.T) {
	ctx := t.Context()
	Note(ctx, "cluster", "c") // must not fail
	if CallerFrom(ctx) != (Caller{}) {
		t.Error("a context of no call has a caller")
	}
	want := Caller{Account: "1", Region: "r"}
	if got := CallerFrom(WithCaller(ctx, want)); got != want {
		t.Errorf("caller %v, want %v", got, want)
	}
}
