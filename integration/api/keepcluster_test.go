package api

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
	"github.com/gantry-ecs/gantry/server"
)

// What an ACTIVE cluster is made of is made again by Gantry alone: nobody calls
// CreateCluster.
func TestClusterOutlivesDeletionsOfItsParts(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	c := kubernetesClient(t, admin)
	g := startGantry(t, admin)
	restart := func() *ecs.Client { return startGantry(t, admin).home() } // it outlives the subtest
	api := g.home()
	ctx := context.Background()
	_, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{
		ClusterName: aws.String("kept"), Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}},
	})
	ok(t, err)
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "ecs-kept", Name: v1alpha1.TaskServiceAccount}}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ecs-kept"}}
	awaitRemade := func(t *testing.T, object client.Object) {
		t.Helper()
		old := object.DeepCopyObject().(client.Object)
		ok(t, c.Get(ctx, client.ObjectKeyFromObject(object), old))
		ok(t, c.Delete(ctx, old.DeepCopyObject().(client.Object)))
		eventually(t, object.GetName()+" is made again", func(ctx context.Context) error {
			if err := c.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
				return err
			}
			if object.GetUID() == old.GetUID() {
				return errors.New("the old one is still there")
			}
			return nil
		})
	}
	t.Run("ServiceAccount", func(t *testing.T) { awaitRemade(t, account) })
	t.Run("namespace", func(t *testing.T) {
		awaitRemade(t, namespace)
		eventually(t, "its ServiceAccount is made again", func(ctx context.Context) error {
			return c.Get(ctx, client.ObjectKeyFromObject(account), account)
		})
	})
	t.Run("Cluster", func(t *testing.T) {
		register(ctx, t, api, "web")
		_, err := api.CreateService(ctx, &ecs.CreateServiceInput{
			Cluster: aws.String("kept"), ServiceName: aws.String("web"), TaskDefinition: aws.String("web"), DesiredCount: aws.Int32(1),
		})
		ok(t, err)
		awaitCopy(t, c, "gantry-system", "ecs-kept", "kept")
		awaitRemade(t, &v1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Namespace: "gantry-system", Name: "kept"}})
		eventually(t, "it is what it was, with its service", func(ctx context.Context) error { return keptAsItWas(ctx, api) })
	})
	t.Run("Cluster while Gantry is away", func(t *testing.T) {
		g.stop(t)
		ok(t, c.Delete(ctx, &v1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Namespace: "gantry-system", Name: "kept"}}))
		api = restart()
		// The call may come before the controller's first look.
		_, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("kept"), Tags: []types.Tag{}})
		ok(t, err)
		ok(t, keptAsItWas(ctx, api))
	})
	t.Run("DeleteCluster", func(t *testing.T) {
		_, err := api.DeleteService(ctx, &ecs.DeleteServiceInput{Cluster: aws.String("kept"), Service: aws.String("web"), Force: aws.Bool(true)})
		ok(t, err)
		eventually(t, "the cluster can be deleted", func(ctx context.Context) error {
			_, err := api.DeleteCluster(ctx, &ecs.DeleteClusterInput{Cluster: aws.String("kept")})
			return err
		})
		eventually(t, "no copy of it stays", func(ctx context.Context) error {
			if err := c.Get(ctx, client.ObjectKeyFromObject(account), account); err != nil {
				return err
			}
			if _, found := account.Annotations[copyKey("gantry-system", "kept")]; found {
				return errors.New("the copy is still there")
			}
			return nil
		})
		deleted := &v1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Namespace: "gantry-system", Name: "kept"}}
		ok(t, c.Delete(ctx, deleted))
		out, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String("kept")})
		ok(t, err)
		if len(out.Cluster.Tags) != 0 {
			t.Errorf("a cluster made anew has the tags of the one before: %v", out.Cluster.Tags)
		}
	})
}

// With few rights the copy lies in a namespace that clusters share.
func TestClusterIsRestoredInASharedNamespace(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	c := kubernetesClient(t, admin)
	mode := kube.NamespaceMode{Mode: kube.SingleNamespace, Namespaces: []string{"tenants"}}
	api := startGantry(t, restricted(t, admin, mode), func(cfg *server.Config) { cfg.Namespaces = mode }).home()
	ctx := context.Background()
	for _, name := range []string{"one", "two"} {
		_, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{ClusterName: aws.String(name), Tags: []types.Tag{{Key: aws.String("name"), Value: aws.String(name)}}})
		ok(t, err)
		awaitCopy(t, c, "gantry-system", "tenants", name)
	}
	ok(t, c.Delete(ctx, &v1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Namespace: "gantry-system", Name: "two"}}))
	eventually(t, "it is made again", func(ctx context.Context) error {
		out, err := api.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{"two"}, Include: []types.ClusterField{types.ClusterFieldTags}})
		if err != nil {
			return err
		}
		if len(out.Clusters) != 1 || len(out.Clusters[0].Tags) != 1 || *out.Clusters[0].Tags[0].Value != "two" {
			return errors.New("not yet")
		}
		return nil
	})
}

func copyKey(own, name string) string { return own + v1alpha1.ClusterCopySuffix + name }

func awaitCopy(t *testing.T, c client.Client, own, namespace, name string) {
	t.Helper()
	account := &corev1.ServiceAccount{}
	eventually(t, "a copy of the cluster", func(ctx context.Context) error {
		if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: v1alpha1.TaskServiceAccount}, account); err != nil {
			return err
		}
		if account.Annotations[copyKey(own, name)] == "" {
			return errors.New("none yet")
		}
		return nil
	})
}

func keptAsItWas(ctx context.Context, api *ecs.Client) error {
	clusters, err := api.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{"kept"}, Include: []types.ClusterField{types.ClusterFieldTags}})
	if err != nil {
		return err
	}
	if len(clusters.Clusters) != 1 || len(clusters.Clusters[0].Tags) != 1 {
		return errors.New("the cluster is not there with its tags")
	}
	services, err := api.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: aws.String("kept"), Services: []string{"web"}})
	if err != nil {
		return err
	}
	if len(services.Services) != 1 {
		return errors.New("its service is not reached")
	}
	return nil
}
