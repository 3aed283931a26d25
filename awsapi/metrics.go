package awsapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

type metrics struct {
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	labels := []string{"service", "operation", "code"}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gantry_api_requests_total",
			Help: "AWS API calls by service, operation and error code (OK where there is none).",
		}, labels),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gantry_api_request_duration_seconds",
			Help:    "Time from a call's headers to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, labels),
	}
	reg.MustRegister(m.requests, m.duration)
	return m
}

// finish counts a call and logs its one line. Neither holds a body, a key or a
// header that could be a secret; labels hold no names that a caller can invent.
func (rt *router) finish(c *call, r *http.Request, ans answer) {
	took := time.Since(c.started)
	service, operation, code := "other", "other", ans.code
	if c.service != nil {
		service = c.service.name
	}
	if c.operation != "" {
		operation = c.operation
	}
	if code == "" {
		code = "OK"
	}
	rt.metrics.requests.WithLabelValues(service, operation, code).Inc()
	rt.metrics.duration.WithLabelValues(service, operation, code).Observe(took.Seconds())

	level := zapcore.InfoLevel
	if ans.status >= http.StatusInternalServerError {
		level = zapcore.ErrorLevel
	}
	fields := []zap.Field{
		zap.String("request_id", c.requestID),
		zap.String("service", service),
		zap.String("operation", operation),
		zap.Int("status", ans.status),
		zap.String("code", code),
		zap.Duration("duration", took),
		zap.String("invocation_id", r.Header.Get("Amz-Sdk-Invocation-Id")),
		zap.String("attempt", attemptOf(r)),
	}
	if ans.detail != "" {
		fields = append(fields, zap.String("detail", ans.detail))
	}
	if c.cause != nil {
		fields = append(fields, zap.Error(c.cause))
	}
	rt.cfg.Logger.Log(level, "call", append(fields, c.noted()...)...)
}

// attemptOf takes the number out of "attempt=2; max=3".
func attemptOf(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Amz-Sdk-Request"), ";") {
		if n, ok := strings.CutPrefix(strings.TrimSpace(part), "attempt="); ok {
			return n
		}
	}
	return ""
}
