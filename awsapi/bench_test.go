package awsapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

// BenchmarkCall is what a call costs besides its handler: routing, signature,
// reading, writing, metrics.
func BenchmarkCall(b *testing.B) {
	for name, cfg := range map[string]Config{"open": {}, "verified": verifying} {
		b.Run(name, func(b *testing.B) {
			svc := NewECS()
			Handle(svc, "ListClusters", func(context.Context, *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
				return &ecs.ListClustersOutput{}, nil
			})
			handler := NewRouter(cfg, svc)
			body := []byte("{}")
			template := signed(b, time.Now(), "ecs", nil)
			b.ReportAllocs()
			for b.Loop() {
				r := template.Clone(b.Context())
				r.Body = io.NopCloser(bytes.NewReader(body))
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
