package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/gantry-ecs/gantry/localcluster"
)

// kind says which cluster a row is measured on.
type kind string

const (
	// controlPlane has no node and no scheduler: nothing happens to a pod, and
	// nothing but the call itself uses the processors.
	controlPlane kind = "control plane"
	// simulatedPlace has a node that says it runs pods: they have statuses.
	simulatedPlace kind = "simulated node"
	// nodePlace runs containers.
	nodePlace kind = "node"
)

// place is a cluster with Gantry in front of it, and the clients of both sides.
type place struct {
	kind       kind
	dir        string
	kubeconfig string
	// gantry is the process of `gantry serve`, 0 where it is not known.
	gantry int
	// warmUp is how long the start took to the first AWS answer, 0 where the
	// cluster was found running.
	warmUp time.Duration

	ecs     *ecs.Client
	kube    *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
	close   []func(context.Context) error
}

// places has at most one cluster running.
type places struct {
	options options
	current *place
}

func (ps *places) enter(ctx context.Context, k kind) (*place, error) {
	if ps.current != nil && ps.current.kind == k {
		return ps.current, nil
	}
	if err := ps.leave(ctx); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gantry-bench")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	p := &place{kind: k, dir: dir}
	p.close = append(p.close, func(context.Context) error { return os.RemoveAll(dir) })
	ps.current = p
	if err := p.open(ctx, ps.options); err != nil {
		return nil, errors.Join(fmt.Errorf("open the %s: %w", k, err), ps.leave(context.WithoutCancel(ctx)))
	}
	return p, nil
}

func (p *place) open(ctx context.Context, o options) error {
	switch {
	case p.kind != nodePlace:
		return p.openThrowaway(ctx, o)
	case o.reuse:
		return p.openRunning(ctx)
	default:
		return p.openNode(ctx, o)
	}
}

// leave stops everything that the place started, the last first.
func (ps *places) leave(ctx context.Context) error {
	if ps.current == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	var errs []error
	for _, v := range slices.Backward(ps.current.close) {
		errs = append(errs, v(ctx))
	}
	ps.current = nil
	return errors.Join(errs...)
}

// openThrowaway starts a cluster without containers, and Gantry.
func (p *place) openThrowaway(ctx context.Context, o options) error {
	cluster, err := localcluster.Start(ctx, localcluster.Options{
		StateDir: p.dir, ControlPlaneOnly: true, Simulated: p.kind == simulatedPlace,
	})
	if err != nil {
		return err
	}
	p.close = append(p.close, cluster.Stop)
	if err := applyCRDs(ctx, o.gantry, cluster.Kubeconfig()); err != nil {
		return err
	}
	endpoint, err := p.serve(ctx, o.gantry, cluster.Kubeconfig())
	if err != nil {
		return err
	}
	return p.connect(endpoint, cluster.Kubeconfig())
}

// connect makes the clients. The AWS side does not retry: a call that failed is
// a failure here, not a slow success.
func (p *place) connect(endpoint, kubeconfig string) error {
	p.kubeconfig = kubeconfig
	p.ecs = newECS(endpoint)
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return fmt.Errorf("read %s: %w", kubeconfig, err)
	}
	cfg.QPS = -1
	cfg.DisableCompression = true // as Gantry's own client: on one machine it only makes lists slow
	if p.kube, err = kubernetes.NewForConfig(cfg); err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	if p.dynamic, err = dynamic.NewForConfig(cfg); err != nil {
		return fmt.Errorf("make dynamic client: %w", err)
	}
	return nil
}

func newECS(endpoint string) *ecs.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the endpoint is on this machine
	transport.MaxIdleConnsPerHost = 16
	return ecs.New(ecs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
		HTTPClient:  wholeBodies{&http.Client{Transport: transport}},
	})
}

// wholeBodies hides from net/http that the SDK's request bodies can write
// themselves. The SDK closes a body when the answer's header is there; a body
// that is closed before net/http has looked for its end answers io.EOF as an
// error (smithy-go, safeWriteToReadCloser.WriteTo), and net/http then closes the
// connection under the answer. A busy machine and a fast server make that happen.
type wholeBodies struct{ client *http.Client }

func (w wholeBodies) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return w.client.Do(r)
}
