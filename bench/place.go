package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/gantry-ecs/gantry/integration/wholebodies"
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
	// tasksPlace and servicesPlace are the same, filled; see loadTasks and
	// loadServices.
	tasksPlace    kind = "simulated node with 10,000 tasks"
	servicesPlace kind = "simulated node with 1,000 services"
	// nodePlace runs containers.
	nodePlace kind = "node"
)

// place is a cluster with Gantry in front of it, and the clients of both sides.
type place struct {
	kind       kind
	dir        string
	kubeconfig string
	// gantry is the `gantry serve` of a throwaway cluster, nil elsewhere.
	gantry *served
	// warmUp is how long the start took to the first AWS answer, 0 where the
	// cluster was found running.
	warmUp time.Duration

	filling filling

	ecs     *ecs.Client
	kube    *kubernetes.Clientset
	dynamic *dynamic.DynamicClient
	close   []func(context.Context) error
}

// places has at most one cluster running.
type places struct {
	options options
	current *place
	// failed are the places that could not be opened: they are not tried again.
	failed map[kind]error
}

func (ps *places) enter(ctx context.Context, k kind) (*place, error) {
	if ps.current != nil && ps.current.kind == k {
		return ps.current, nil
	}
	if err := ps.failed[k]; err != nil {
		return nil, err
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
		ps.failed[k] = fmt.Errorf("open the %s: %w", k, err)
		return nil, errors.Join(ps.failed[k], ps.leave(context.WithoutCancel(ctx)))
	}
	return p, nil
}

func (p *place) open(ctx context.Context, o options) error {
	switch {
	case p.kind != nodePlace:
		if err := p.openThrowaway(ctx, o); err != nil {
			return err
		}
		return p.fill(ctx)
	case o.reuse:
		return p.openRunning(ctx)
	default:
		return p.openNode(ctx, o)
	}
}

// fill fills a place. What fills it is not measured, and so may be tried again.
func (p *place) fill(ctx context.Context) error {
	loader := *p
	loader.ecs = newECS(p.gantry.endpoint(), retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = loadTries }))
	switch p.kind {
	case tasksPlace:
		return p.loadTasks(ctx, &loader)
	case servicesPlace:
		return loader.loadServices(ctx)
	default:
		return nil
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
		StateDir: p.dir, ControlPlaneOnly: true, Simulated: p.kind != controlPlane,
	})
	if err != nil {
		return err
	}
	p.close = append(p.close, func(context.Context) error { return cluster.Stop() }) //nolint:contextcheck // it bounds itself
	if err := applyCRDs(ctx, o.gantry, cluster.Kubeconfig()); err != nil {
		return err
	}
	if err := p.serve(ctx, o.gantry, cluster.Kubeconfig()); err != nil {
		return err
	}
	if err := p.connect(p.gantry.endpoint(), cluster.Kubeconfig()); err != nil || p.kind != controlPlane {
		return err
	}
	return p.addInstance(ctx)
}

// addInstance makes a node that nobody is: RunTask looks whether an instance has
// room, as it does on any cluster.
func (p *place) addInstance(ctx context.Context) error {
	node, err := p.kube.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name: "bench", Labels: map[string]string{corev1.LabelOSStable: "linux", corev1.LabelArchStable: runtime.GOARCH},
	}}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("create a node: %w", err)
	}
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	node.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1M"), corev1.ResourceMemory: resource.MustParse("1Pi")}
	if _, err := p.kube.CoreV1().Nodes().UpdateStatus(ctx, node, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("give the node resources: %w", err)
	}
	return nil
}

// connect makes the clients. The AWS side does not retry: a call that failed is
// a failure here, not a slow success.
func (p *place) connect(endpoint, kubeconfig string) error {
	p.kubeconfig = kubeconfig
	p.ecs = newECS(endpoint, aws.NopRetryer{})
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

func newECS(endpoint string, retryer aws.Retryer) *ecs.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the endpoint is on this machine
	transport.MaxIdleConnsPerHost = 16
	return ecs.New(ecs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(endpoint), Retryer: retryer,
		Credentials: credentials.NewStaticCredentialsProvider("bench", "bench", ""),
		HTTPClient:  wholebodies.Client{HTTP: &http.Client{Transport: transport}},
	})
}
