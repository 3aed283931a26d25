package awsapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewRouter serves AWS services, and the pages for probes and metrics, on one
// port.
func NewRouter(cfg Config, services ...*Service) http.Handler {
	cfg = cfg.withDefaults()
	rt := &router{
		cfg:      cfg,
		services: services,
		verifier: newVerifier(cfg.Secret, time.Now),
		metrics:  newMetrics(cfg.Registry),
		guard:    newGuard(cfg.AllowedHosts),
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	// A redirect would be an HTML page to a client that parses JSON or XML.
	engine.RedirectTrailingSlash = false
	engine.GET("/livez", rt.guarded(livez))
	engine.GET("/readyz", rt.guarded(rt.readyz))
	engine.GET("/health", rt.guarded(rt.health))
	engine.GET("/metrics", rt.guarded(gin.WrapH(promhttp.HandlerFor(cfg.Registry, promhttp.HandlerOpts{}))))
	engine.NoRoute(rt.api)
	return engine
}

// requestIDHeader is x-amzn-RequestId in the form that Go keeps headers in.
const requestIDHeader = "X-Amzn-Requestid"

type router struct {
	cfg      Config
	services []*Service
	verifier *verifier
	metrics  *metrics
	guard    *guard
}

// api serves every request that is not for a probe: which service it is for is
// seen in headers and body, not in the path.
func (rt *router) api(g *gin.Context) {
	c := newCall()
	ans := rt.answer(c, g.Writer, g.Request)
	defer ans.release()
	ans.writeTo(g.Writer, c.requestID)
	rt.finish(c, g.Request, ans)
}

func (a answer) writeTo(w http.ResponseWriter, requestID string) {
	h := w.Header()
	for k, v := range a.header {
		h.Set(k, v)
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	h.Set(requestIDHeader, requestID)
	w.WriteHeader(a.status)
	// An error here means that the client is gone; there is nobody to tell.
	_, _ = w.Write(a.body)
}

// guarded puts the checks that keep web pages out before a page of our own.
func (rt *router) guarded(next gin.HandlerFunc) gin.HandlerFunc {
	return func(g *gin.Context) {
		g.Header(requestIDHeader, uuid.NewString())
		if err := rt.guard.check(g.Request); err != nil {
			g.String(err.status, "%s\n", err.Message)
			return
		}
		next(g)
	}
}

func livez(g *gin.Context) { g.String(http.StatusOK, "ok\n") }

func (rt *router) readyz(g *gin.Context) {
	if err := rt.cfg.Ready(); err != nil {
		g.String(http.StatusServiceUnavailable, "%s\n", err)
		return
	}
	g.String(http.StatusOK, "ok\n")
}

func (rt *router) health(g *gin.Context) {
	g.JSON(http.StatusOK, rt.cfg.Health(g.Request.Context()))
}
