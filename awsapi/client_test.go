package awsapi

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/middleware"
)

const (
	testKey    = "123456789012"
	testSecret = "secret"
)

// serve starts a server for one test.
func serve(t *testing.T, cfg Config, services ...*Service) string {
	t.Helper()
	srv := httptest.NewServer(NewRouter(cfg, services...))
	t.Cleanup(srv.Close)
	return srv.URL
}

func ecsClient(url string, opts ...func(*ecs.Options)) *ecs.Client {
	return ecs.New(ecs.Options{
		Region:           "eu-west-1",
		BaseEndpoint:     aws.String(url),
		Credentials:      credentials.NewStaticCredentialsProvider(testKey, testSecret, ""),
		RetryMaxAttempts: 1,
	}, opts...)
}

func scalingClient(url string) *applicationautoscaling.Client {
	return applicationautoscaling.New(applicationautoscaling.Options{
		Region:           "eu-west-1",
		BaseEndpoint:     aws.String(url),
		Credentials:      credentials.NewStaticCredentialsProvider(testKey, testSecret, ""),
		RetryMaxAttempts: 1,
	})
}

// secretOfTestKey is the only key that a verifying server of a test knows.
func secretOfTestKey(_ context.Context, id string) (string, bool, error) {
	return testSecret, id == testKey, nil
}

func requestIDOf(m middleware.Metadata) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(m)
	return id
}
