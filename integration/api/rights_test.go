package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apitypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/server"
)

// restricted gives the account that Gantry runs as the rights of RBAC and
// returns a configuration that acts as it.
func restricted(t *testing.T, admin *rest.Config, mode kube.NamespaceMode) *rest.Config {
	t.Helper()
	c := kubernetesClient(t, admin)
	for _, name := range append([]string{"gantry-system"}, mode.Namespaces...) {
		create(t, c, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	for _, object := range server.RBAC("gantry-system", mode) {
		create(t, c, object.(client.Object))
	}
	few := rest.CopyConfig(admin)
	few.Impersonate.UserName = "system:serviceaccount:gantry-system:" + server.ServiceAccount
	return few
}

func create(t *testing.T, c client.Client, object client.Object) {
	t.Helper()
	if err := c.Create(context.Background(), object); err != nil {
		t.Fatalf("create %T %s: %v", object, object.GetName(), err)
	}
}

func TestRefusesToStart(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	nobody := rest.CopyConfig(admin)
	nobody.Impersonate.UserName = "system:serviceaccount:default:nobody"
	nobody.Impersonate.Groups = []string{"system:authenticated"}
	for name, test := range map[string]struct {
		change func(*server.Config)
		want   string
	}{
		"without rights":  {func(cfg *server.Config) { cfg.REST = nobody }, "gantry rbac"},
		"a wrong mode":    {func(cfg *server.Config) { cfg.Namespaces.Mode = "many" }, "many"},
		"no namespace":    {func(cfg *server.Config) { cfg.Namespaces.Mode = kube.SingleNamespace }, "exactly one"},
		"a wrong address": {func(cfg *server.Config) { cfg.Listen = "nowhere" }, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := server.Config{
				REST: admin, Listen: "127.0.0.1:0", Namespace: "gantry-system",
				Namespaces: kube.NamespaceMode{Mode: kube.CreateNamespaces}, Log: zap.NewNop(),
			}
			test.change(&cfg)
			ctx, cancel := context.WithTimeout(context.Background(), startLimit)
			defer cancel()
			err := server.Run(ctx, cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("it ended with %v, want something about %q", err, test.want)
			}
		})
	}
}

// TestRefusesKindsOfAnOlderVersion: the API server would drop the field that they
// lack from all that is written.
func TestRefusesKindsOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	crds, err := v1alpha1.CRDs()
	ok(t, err)
	c := kubernetesClient(t, admin)
	for _, crd := range crds {
		if crd.Spec.Names.Kind != "ECSService" {
			continue
		}
		held := &unstructured.Unstructured{}
		held.SetAPIVersion("apiextensions.k8s.io/v1")
		held.SetKind("CustomResourceDefinition")
		held.SetName(crd.Name)
		// A JSON patch, as no merge takes an item's member off.
		ok(t, c.Patch(t.Context(), held, client.RawPatch(apitypes.JSONPatchType, []byte(
			`[{"op": "remove", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/observedGeneration"}]`))))
	}
	eventually(t, "it refuses to start", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		err := server.Run(ctx, serverConfig(admin, "127.0.0.1:0"))
		if err == nil || !strings.Contains(err.Error(), "ecsservices.status.observedGeneration: run `gantry crds") {
			return fmt.Errorf("it ended with: %w", err)
		}
		return nil
	})
}

// TestRefusalsOfKubernetesAreAnswered: a quota, Pod Security and a webhook refuse
// pods; the answer says so.
func TestRefusalsOfKubernetesAreAnswered(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	c := kubernetesClient(t, admin)
	create(t, c, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: "strict", Labels: map[string]string{"pod-security.kubernetes.io/enforce": "restricted"},
	}})
	create(t, c, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "full"}})
	create(t, c, &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Namespace: "full", Name: "none"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")}},
	})
	guardPods(t, c, "guarded", "no pods on Fridays")
	for namespace, want := range map[string]string{"strict": "PodSecurity", "full": "exceeded quota", "guarded": "no pods on Fridays"} {
		t.Run(namespace, func(t *testing.T) {
			g := startGantry(t, admin, func(cfg *server.Config) {
				cfg.Namespace = "gantry-" + namespace
				cfg.Namespaces = kube.NamespaceMode{Mode: kube.SingleNamespace, Namespaces: []string{namespace}}
			}, func(*server.Config) {
				create(t, c, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "gantry-" + namespace}})
			})
			api := g.home()
			ctx := context.Background()
			prepare(ctx, t, api, "app")
			eventually(t, "RunTask is refused", func(ctx context.Context) error {
				_, err := api.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("app:1")})
				return expectError[*types.ClientException](err, want)
			})
			if _, err := api.CreateService(ctx, &ecs.CreateServiceInput{
				ServiceName: aws.String("web"), TaskDefinition: aws.String("app"), DesiredCount: aws.Int32(1),
			}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "a service event tells", func(ctx context.Context) error {
				return expectEvent(ctx, api, "web", "was unable to place a task. Reason:", want)
			})
		})
	}
}
