package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	aas "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/handlers"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

const ownNamespace = "gantry-api-test"

// replica is a store with the handlers in front of it and no controller: a test
// runs those that it is about, step by step.
type replica struct {
	store   *kube.Store
	ecs     *ecs.Client
	scaling *aas.Client
	// writes lets a test fail a write of the replica's.
	writes *writes
}

func newReplica(t *testing.T, on *rest.Config) *replica {
	t.Helper()
	r := newBlindReplica(t, on)
	r.store.Start(t.Context())
	waitFor(t, 10*time.Second, "the collections are full", r.store.Synced)
	return r
}

// newBlindReplica sees nothing but what it asks for: no watch runs.
func newBlindReplica(t *testing.T, on *rest.Config) *replica {
	t.Helper()
	r := &replica{writes: &writes{}}
	config := rest.CopyConfig(on)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { r.writes.next = next; return r.writes })
	var err error
	if r.store, err = kube.NewStore(kube.Config{REST: config, Namespace: ownNamespace}); err != nil {
		t.Fatal(err)
	}
	err = r.store.Client.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ownNamespace}})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	r.serve(t)
	return r
}

func (r *replica) serve(t *testing.T) {
	t.Helper()
	ecsService, scalingService := awsapi.NewECS(), awsapi.NewAutoScaling()
	handlers.New(handlers.Config{
		Store: r.store, Namespaces: kube.NamespaceMode{Mode: kube.CreateNamespaces},
		Capabilities: translator.Capabilities{PodLevelResources: true, ContainerRestartRules: true},
		Architecture: "x86_64", Now: time.Now,
	}).Register(ecsService, scalingService)
	server := httptest.NewServer(awsapi.NewRouter(awsapi.Config{
		Logger: zap.NewNop(), DefaultAccount: kube.DefaultAccount, DefaultRegion: kube.DefaultRegion,
		Registry: prometheus.NewRegistry(), Ready: func() error { return nil }, Health: func(context.Context) any { return nil },
	}, ecsService, scalingService))
	t.Cleanup(server.Close)
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	r.ecs = ecs.New(ecs.Options{BaseEndpoint: &server.URL, Region: kube.DefaultRegion, Credentials: keys, RetryMaxAttempts: 1})
	r.scaling = aas.New(aas.Options{BaseEndpoint: &server.URL, Region: kube.DefaultRegion, Credentials: keys, RetryMaxAttempts: 1})
}

// service makes a cluster and a service in it.
func (r *replica) service(t *testing.T, count int32) (cluster string) {
	t.Helper()
	cluster = r.family(t)
	_, err := r.ecs.CreateService(t.Context(), &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), TaskDefinition: &cluster, DesiredCount: &count,
	})
	ok(t, err)
	return cluster
}

// family makes a cluster, and a family of its name.
func (r *replica) family(t *testing.T) (cluster string) {
	t.Helper()
	cluster = "api-" + strings.ToLower(rand.Text()[:8])
	_, err := r.ecs.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: &cluster})
	ok(t, err)
	_, err = r.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{
		Family: &cluster, Cpu: aws.String("256"), Memory: aws.String("512"),
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("web"), Image: aws.String("web")}},
	})
	ok(t, err)
	return cluster
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func waitFor(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	deadline := time.After(limit)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waited %s in vain: %s", limit, what)
		}
	}
}
