package handlers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/handlers"
)

// TestMissingMembers: what the SDK's validators would stop never reaches an
// operation, which here would panic for want of a cluster behind it.
func TestMissingMembers(t *testing.T) {
	svc, scaling := awsapi.NewECS(), awsapi.NewAutoScaling()
	handlers.New(handlers.Config{}).Register(svc, scaling)
	router := awsapi.NewRouter(awsapi.Config{}, svc, scaling)
	const awsvpc = `"networkConfiguration":{"awsvpcConfiguration":{}}`
	for _, tt := range []struct{ operation, body, want string }{
		{"RegisterTaskDefinition", `{}`, "ClientException: Family can not be blank."},
		{"RegisterTaskDefinition", `{"family":"a"}`, "ClientException: Container list cannot be empty."},
		{
			"RegisterTaskDefinition", `{"family":"a","containerDefinitions":[{"name":"a","image":"b","memory":8,"secrets":[{"name":"A"}]}]}`,
			"ClientException: Secret.valueFrom should not be null or empty.",
		},
		{"DescribeTaskDefinition", `{}`, "InvalidParameterException: Task Definition can not be blank."},
		{"DeregisterTaskDefinition", `{"taskDefinition":null}`, "InvalidParameterException: Task Definition can not be blank."},
		{"DeleteTaskDefinitions", `{}`, "InvalidParameterException: Task Definitions cannot be empty."},
		{"RunTask", `{}`, "InvalidParameterException: Task Definition can not be blank."},
		{"RunTask", `{"taskDefinition":"a",` + awsvpc + `}`, "InvalidParameterException: subnets can not be empty."},
		{
			"RunTask", `{"taskDefinition":"a","capacityProviderStrategy":[{"base":1}]}`,
			"InvalidParameterException: capacityProviderStrategy[0].capacityProvider should not be null or empty.",
		},
		{"DescribeTasks", `{}`, "InvalidParameterException: Tasks cannot be empty."},
		{"UpdateTaskProtection", `{"cluster":"c","tasks":["t"]}`, "InvalidParameterException: Protection Enabled can not be blank."},
		{"UpdateTaskProtection", `{"cluster":"c","tasks":["t"],"protectionEnabled":null}`, "InvalidParameterException: Protection Enabled can not be blank."},
		{"UpdateTaskProtection", `{"cluster":"c","protectionEnabled":false}`, "InvalidParameterException: Tasks cannot be empty."},
		{"StopTask", `{}`, "InvalidParameterException: Task can not be blank."},
		{"DescribeServices", `{}`, "InvalidParameterException: Services cannot be empty."},
		{"CreateService", `{}`, "InvalidParameterException: Service Name can not be blank."},
		{"UpdateService", `{}`, "InvalidParameterException: Service can not be blank."},
		{"DeleteService", `{}`, "InvalidParameterException: Service can not be blank."},
		{"DeleteCluster", `{}`, "InvalidParameterException: Cluster can not be blank."},
	} {
		t.Run(tt.operation+tt.body, func(t *testing.T) {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/", strings.NewReader(tt.body))
			req.Header.Set("Content-Type", "application/x-amz-json-1.1")
			req.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+tt.operation)
			got := httptest.NewRecorder()
			router.ServeHTTP(got, req)
			if diff := cmp.Diff(tt.want, errorOf(t, got.Body)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func errorOf(t *testing.T, body io.Reader) string {
	t.Helper()
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.NewDecoder(body).Decode(&e); err != nil {
		t.Fatal(err)
	}
	return e.Type + ": " + e.Message
}
