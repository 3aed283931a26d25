package awsapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzRequest sends anything at all: every answer is a whole one with a request
// id, and none says that it was the server's fault.
func FuzzRequest(f *testing.F) {
	const auth = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/ecs/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=00"
	f.Add(ecsTarget+"ListClusters", contentTypeJSON11, auth, "20260101T000000Z", "{}")
	f.Add(ecsTarget+"ListGateways", contentTypeJSON11, "", "", "[]")
	f.Add("Logs_20140328.PutLogEvents", "application/x-amz-json-1.1; charset=utf-8", auth, "now", `{"a":`)
	f.Add("", "application/x-www-form-urlencoded", strings.Replace(auth, "ecs", "ec2", 1), "", "Action=DescribeVpcs")
	f.Add("", "text/html; x", "AWS4-HMAC-SHA256 Credential=/////aws4_request,SignedHeaders=;;,Signature==", "", "<html>")
	open, closed := NewRouter(Config{}, echo(), NewAutoScaling()), NewRouter(verifying, echo(), NewAutoScaling())
	f.Fuzz(func(t *testing.T, target, contentType, auth, date, body string) {
		for _, handler := range []http.Handler{open, closed} {
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader(body))
			r.Header = http.Header{
				"X-Amz-Target": {target}, "Content-Type": {contentType}, "Authorization": {auth}, "X-Amz-Date": {date},
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code >= http.StatusInternalServerError || w.Body.Len() == 0 || w.Header().Get(requestIDHeader) == "" {
				t.Errorf("status %d, headers %v, body %q", w.Code, w.Header(), w.Body)
			}
		}
	})
}
