package integration

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

const region = "us-east-1"

// direct goes past any proxy: all that is called is on this machine.
var direct = &http.Client{Transport: wholeAnswers{&http.Transport{Proxy: nil}}, Timeout: 30 * time.Second}

// wholeAnswers reads an answer to its end before the caller sees it. The SDK
// closes the request's body as soon as it has the answer's header; where the
// transport has not seen the end of that body yet, which happens on a loaded
// machine with a quick server, it drops the connection and the rest of the answer.
type wholeAnswers struct{ next http.RoundTripper }

func (w wholeAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if closeErr := answer.Body.Close(); err == nil {
		err = closeErr
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

// ecs is an SDK client of the replica. It does not retry: a test sees every error.
func (g *gantry) ecs() *ecs.Client {
	return ecs.New(ecs.Options{
		Region: region, BaseEndpoint: aws.String(g.endpoint()), HTTPClient: direct,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), Retryer: aws.NopRetryer{},
	})
}

func (g *gantry) scaling() *applicationautoscaling.Client {
	return applicationautoscaling.New(applicationautoscaling.Options{
		Region: region, BaseEndpoint: aws.String(g.endpoint()), HTTPClient: direct,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), Retryer: aws.NopRetryer{},
	})
}

// cli runs the AWS CLI against the replica and decodes its answer into out,
// unless that is nil.
func (g *gantry) cli(t *testing.T, out any, args ...string) {
	t.Helper()
	program, err := exec.LookPath("aws")
	if err != nil {
		t.Fatal("the AWS CLI is not in PATH: install Debian's awscli")
	}
	command := exec.CommandContext(t.Context(), program, append([]string{"--endpoint-url", g.endpoint(), "--output", "json"}, args...)...)
	// Nothing of the user's own account gets in.
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "AWS_PAGER=", "NO_PROXY=*",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	var stderr bytes.Buffer
	command.Stderr = &stderr
	began := time.Now()
	answer, err := command.Output()
	t.Logf("aws %s (%s)", strings.Join(args, " "), time.Since(began).Round(10*time.Millisecond))
	if err != nil {
		t.Fatalf("aws %s: %v: %s", strings.Join(args, " "), err, stderr.String())
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			t.Fatalf("aws %s answers %s: %v", strings.Join(args, " "), answer, err)
		}
	}
}
