package awsapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

const ecsTarget = "AmazonEC2ContainerServiceV20141113."

// wireAnswer is what came back of a request made by hand.
type wireAnswer struct {
	status int
	header http.Header
	body   string
}

// errorBody is an error as awsJson has it.
type errorBody struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func (a wireAnswer) error(t *testing.T) errorBody {
	t.Helper()
	var e errorBody
	if err := json.Unmarshal([]byte(a.body), &e); err != nil {
		t.Fatalf("body %q: %v", a.body, err)
	}
	return e
}

// send makes a request with the headers of an awsJson call, changed by edit.
func send(t *testing.T, url, operation, body string, edit func(*http.Request)) wireAnswer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentTypeJSON11)
	req.Header.Set("X-Amz-Target", ecsTarget+operation)
	if edit != nil {
		edit(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return wireAnswer{resp.StatusCode, resp.Header, string(raw)}
}

// echo serves ListClusters, which answers with the caller and its own input.
func echo() *Service {
	svc := NewECS()
	Handle(svc, "ListClusters", func(ctx context.Context, in *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
		c := CallerFrom(ctx)
		out := &ecs.ListClustersOutput{ClusterArns: []string{c.Account, c.Region}, NextToken: in.NextToken}
		return out, nil
	})
	Handle(svc, "TagResource", func(context.Context, *ecs.TagResourceInput) (*ecs.TagResourceOutput, error) {
		return nil, nil //nolint:nilnil // no output is an output without members
	})
	Handle(svc, "DescribeServices", func(context.Context, *ecs.DescribeServicesInput) (*ecs.DescribeServicesOutput, error) {
		return &ecs.DescribeServicesOutput{Services: []types.Service{{}}, Failures: []types.Failure{}}, nil
	})
	return svc
}

func TestAnswersOnTheWire(t *testing.T) {
	url := serve(t, Config{}, echo(), NewAutoScaling())
	tests := map[string]struct {
		operation, body string
		edit            func(*http.Request)
		want            string
	}{
		"an object":     {"ListClusters", `{"nextToken":"x"}`, nil, `{"clusterArns":["000000000000","us-east-1"],"nextToken":"x"}`},
		"an empty body": {"ListClusters", ``, nil, `{"clusterArns":["000000000000","us-east-1"]}`},
		"a media type with parameters": {"ListClusters", `{}`, func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-amz-json-1.1; charset=utf-8")
		}, `{"clusterArns":["000000000000","us-east-1"]}`},
		"members nobody knows":   {"ListClusters", `{"NEXTTOKEN":"x","new":{"a":[1]}}`, nil, `{"clusterArns":["000000000000","us-east-1"]}`},
		"no output":              {"TagResource", `{}`, nil, `{}`},
		"zeros are written":      {"DescribeServices", `{}`, nil, `{"failures":[],"services":[{"desiredCount":0,"enableECSManagedTags":false,"enableExecuteCommand":false,"pendingCount":0,"runningCount":0}]}`},
		"the region of the key":  {"ListClusters", `{}`, credential("test/20260101/ap-south-1/ecs"), `{"clusterArns":["000000000000","ap-south-1"]}`},
		"the account of the key": {"ListClusters", `{}`, credential("123456789012/20260101/eu-west-1/ecs"), `{"clusterArns":["123456789012","eu-west-1"]}`},
		"a key of 13 digits":     {"ListClusters", `{}`, credential("1234567890123/20260101/eu-west-1/ecs"), `{"clusterArns":["000000000000","eu-west-1"]}`},
		"credentials of another kind": {"ListClusters", `{}`, func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer x")
		}, `{"clusterArns":["000000000000","us-east-1"]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := send(t, url, tt.operation, tt.body, tt.edit)
			if got.status != http.StatusOK || got.body != tt.want {
				t.Errorf("status %d, body %s\nwant 200 and %s", got.status, got.body, tt.want)
			}
			checkHeaders(t, got, contentTypeJSON11)
		})
	}
}

// credential signs nothing: it only says who calls.
func credential(scope string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+scope+"/aws4_request, SignedHeaders=host, Signature=00")
	}
}

func checkHeaders(t *testing.T, got wireAnswer, contentType string) {
	t.Helper()
	if ct := got.header.Get("Content-Type"); ct != contentType {
		t.Errorf("Content-Type %q, want %q", ct, contentType)
	}
	if _, err := uuid.Parse(got.header.Get("X-Amzn-Requestid")); err != nil {
		t.Errorf("x-amzn-RequestId: %v", err)
	}
	if n := got.header.Get("Content-Length"); n != strconv.Itoa(len(got.body)) {
		t.Errorf("Content-Length %q of a body of %d", n, len(got.body))
	}
	if _, err := http.ParseTime(got.header.Get("Date")); err != nil {
		t.Errorf("Date: %v", err)
	}
}

func TestRefusalsOnTheWire(t *testing.T) {
	url := serve(t, Config{}, echo(), NewAutoScaling())
	gzipBody := "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
	tests := map[string]struct {
		operation, body string
		edit            func(*http.Request)
		status          int
		code            string
	}{
		"an array":             {"ListClusters", `[]`, nil, 400, "SerializationException"},
		"null":                 {"ListClusters", `null`, nil, 400, "SerializationException"},
		"white space alone":    {"ListClusters", ` `, nil, 400, "SerializationException"},
		"bytes after it":       {"ListClusters", `{}x`, nil, 400, "SerializationException"},
		"a byte order mark":    {"ListClusters", "\xef\xbb\xbf{}", nil, 400, "SerializationException"},
		"a control character":  {"ListClusters", "{\"nextToken\":\"\x01\"}", nil, 400, "SerializationException"},
		"a number for text":    {"ListClusters", `{"nextToken":1}`, nil, 400, "SerializationException"},
		"compressed":           {"ListClusters", gzipBody, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 400, "SerializationException"},
		"too large":            {"ListClusters", `{"nextToken":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413, "RequestEntityTooLargeException"},
		"an operation of none": {"NoSuch", `{}`, nil, 400, "UnknownOperationException"},
		"the wrong case":       {"listClusters", `{}`, nil, 400, "UnknownOperationException"},
		"not served":           {"ListGateways", `{}`, nil, 400, "UnsupportedFeatureException"},
		"not served, and bad":  {"ListGateways", `[]`, nil, 400, "UnsupportedFeatureException"},
		"no target":            {"", `{}`, func(r *http.Request) { r.Header.Del("X-Amz-Target") }, 400, "UnknownOperationException"},
		"the target's wrong case": {"", `{}`, func(r *http.Request) {
			r.Header.Set("X-Amz-Target", strings.ToLower(ecsTarget)+"ListClusters")
		}, 400, "UnknownOperationException"},
		"another media type": {"ListClusters", `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, 400, "UnknownOperationException"},
		"another version":    {"ListClusters", `{}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-amz-json-1.0") }, 400, "UnknownOperationException"},
		"another method":     {"ListClusters", `{}`, func(r *http.Request) { r.Method = http.MethodPut }, 400, "UnknownOperationException"},
		"another path":       {"ListClusters", `{}`, func(r *http.Request) { r.URL.Path = "/v2/x" }, 400, "UnknownOperationException"},
		"a path with a slash too many": {
			"ListClusters", `{}`, func(r *http.Request) { r.URL.Path = "/health/" },
			400, "UnknownOperationException",
		},
		"no region":         {"ListClusters", `{}`, credential("test/20260101/US East/ecs"), 400, "InvalidSignatureException"},
		"a host of another": {"ListClusters", `{}`, func(r *http.Request) { r.Host = "evil.example:4566" }, 421, "MisdirectedRequestException"},
		"a page of another": {"ListClusters", `{}`, func(r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}, 403, "AccessDeniedException"},
		"an origin of another": {"ListClusters", `{}`, func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example")
		}, 403, "AccessDeniedException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := send(t, url, tt.operation, tt.body, tt.edit)
			e := got.error(t)
			if got.status != tt.status || e.Type != tt.code || e.Message == "" {
				t.Errorf("status %d, body %s\nwant %d and %s with a message", got.status, got.body, tt.status, tt.code)
			}
			if !strings.HasPrefix(got.header.Get("Content-Type"), "application/") {
				t.Errorf("Content-Type %q", got.header.Get("Content-Type"))
			}
			checkHeaders(t, got, got.header.Get("Content-Type"))
		})
	}
}

func TestSerializationExceptionInTheServicesOwnName(t *testing.T) {
	svc := NewAutoScaling()
	url := serve(t, Config{}, svc)
	got := send(t, url, "", `{}`, func(r *http.Request) { r.Header.Set("X-Amz-Target", "AnyScaleFrontendService.NoSuch") })
	want := `{"__type":"UnknownOperationException","Message":"Operation NoSuch could not be found."}`
	if got.body != want {
		t.Errorf("body %s, want %s", got.body, want)
	}
}

func TestServicesNotServed(t *testing.T) {
	url := serve(t, Config{}, echo())
	form := func(r *http.Request) {
		r.Header.Del("X-Amz-Target")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	both := func(fns ...func(*http.Request)) func(*http.Request) {
		return func(r *http.Request) {
			for _, fn := range fns {
				fn(r)
			}
		}
	}
	bare := func(r *http.Request) { r.Header.Del("X-Amz-Target"); r.Header.Del("Content-Type") }
	const code = "UnknownOperationException"
	tests := map[string]struct {
		edit                  func(*http.Request)
		contentType, contains string
	}{
		"sts":  {both(form, credential("a/20260101/us-east-1/sts")), "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>The service sts is not supported by Gantry.</Message></Error><RequestId>"},
		"iam":  {both(form, credential("a/20260101/us-east-1/iam")), "text/xml", "<ErrorResponse><Error><Type>Sender</Type><Code>" + code},
		"elb":  {both(form, credential("a/20260101/us-east-1/elasticloadbalancing")), "text/xml", "<ErrorResponse>"},
		"ec2":  {both(form, credential("a/20260101/us-east-1/ec2")), "text/xml", "<Response><Errors><Error><Code>" + code + "</Code><Message>The service ec2 is not supported by Gantry.</Message></Error></Errors><RequestID>"},
		"s3":   {both(bare, credential("a/20260101/us-east-1/s3")), "text/xml", "<Error><Code>" + code},
		"logs": {both(func(r *http.Request) { r.Header.Set("X-Amz-Target", "Logs_20140328.DescribeLogGroups") }, credential("a/20260101/us-east-1/logs")), contentTypeJSON11, `"message":"The service logs is not supported by Gantry."`},
		"1.0": {both(func(r *http.Request) {
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
			r.Header.Set("Content-Type", "application/x-amz-json-1.0")
		}, credential("a/20260101/us-east-1/dynamodb")), "application/x-amz-json-1.0", `"__type":"` + code + `"`},
		"cloudwatch": {both(bare, func(r *http.Request) {
			r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
			r.URL.Path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
		}, credential("a/20260101/us-east-1/monitoring")), "application/cbor", "f__type"},
		"lambda": {both(bare, func(r *http.Request) { r.URL.Path = "/2015-03-31/functions" }, credential("a/20260101/us-east-1/lambda")), "application/json", `"__type":"` + code + `"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := send(t, url, "", "", tt.edit)
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, tt.contains) {
				t.Errorf("status %d, body %q\nwant 400 and %q in it", got.status, got.body, tt.contains)
			}
			checkHeaders(t, got, tt.contentType)
			if name == "cloudwatch" && got.header.Get("Smithy-Protocol") != "rpc-v2-cbor" {
				t.Error("no Smithy-Protocol header")
			}
			if name == "lambda" && got.header.Get("X-Amzn-Errortype") != code {
				t.Error("no error type header")
			}
		})
	}
}

func TestHostsAllowed(t *testing.T) {
	url := serve(t, Config{AllowedHosts: []string{"gantry.gantry-system.svc"}}, echo())
	for host, want := range map[string]int{
		"localhost:4566": 200, "ecs.localhost": 200, "LOCALHOST": 200, "127.0.0.1:1": 200, "[::1]:4566": 200, "10.1.2.3": 200,
		"gantry.gantry-system.svc:4566": 200, "Gantry.gantry-system.svc.": 200,
		"evil.example": 421, "localhost.evil.example": 421, "evil-localhost": 421, "127.0.0.1.evil.example:80": 421,
	} {
		if got := send(t, url, "ListClusters", `{}`, func(r *http.Request) { r.Host = host }); got.status != want {
			t.Errorf("Host %s: status %d, want %d", host, got.status, want)
		}
	}
}

func TestSameOriginIsAllowed(t *testing.T) {
	url := serve(t, Config{}, echo())
	got := send(t, url, "ListClusters", `{}`, func(r *http.Request) {
		r.Header.Set("Origin", url)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	})
	if got.status != http.StatusOK {
		t.Errorf("status %d, body %s", got.status, got.body)
	}
}

func TestTooLargeWithoutALength(t *testing.T) {
	url := serve(t, Config{}, echo())
	got := send(t, url, "ListClusters", "", func(r *http.Request) {
		r.Body = io.NopCloser(io.LimitReader(zeros{}, maxBody+1))
		r.ContentLength = -1
	})
	if got.status != http.StatusRequestEntityTooLarge || got.error(t).Type != "RequestEntityTooLargeException" {
		t.Errorf("status %d, body %s", got.status, got.body)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestClientThatGoesAway(t *testing.T) {
	started, ended := make(chan struct{}), make(chan error, 1)
	svc := NewECS()
	Handle(svc, "ListClusters", func(ctx context.Context, _ *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
		close(started)
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	})
	srv := httptest.NewServer(NewRouter(Config{}, svc))
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, err := ecsClient(srv.URL).ListClusters(ctx, &ecs.ListClustersInput{}); err == nil {
		t.Error("a cancelled call succeeded")
	}
	select {
	case err := <-ended:
		if diff := cmp.Diff(context.Canceled.Error(), err.Error()); diff != "" {
			t.Error(diff)
		}
	case <-time.After(10 * time.Second):
		t.Error("the handler was not told that its client is gone")
	}
}
