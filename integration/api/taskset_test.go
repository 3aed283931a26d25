package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/controllers/service"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/localcluster"
)

func targetGroup(name string) string {
	return "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/" + name + "/0123456789abcdef"
}

func balanced(name string) []types.LoadBalancer {
	return []types.LoadBalancer{{TargetGroupArn: aws.String(targetGroup(name)), ContainerName: aws.String("app"), ContainerPort: aws.Int32(80)}}
}

// registerWeb makes a revision whose container listens.
func registerWeb(ctx context.Context, t *testing.T, api *ecs.Client) string {
	t.Helper()
	out, err := api.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("web"), ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("gantry.local/web:1"), Memory: aws.Int32(16),
			PortMappings: []types.PortMapping{{ContainerPort: aws.Int32(80)}},
		}},
	})
	ok(t, err)
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
}

// TestCodeDeployService: its first task set is there with it; a second one is made
// through the same calls that CodeDeploy makes, behind a target group of its own,
// becomes primary and is left alone.
func TestCodeDeployService(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	kubernetes := kubernetesClient(t, admin)
	api, ctx := startGantry(t, admin).home(), context.Background()
	_, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{})
	ok(t, err)
	first := registerWeb(ctx, t, api)
	name := aws.String("web")
	created, err := api.CreateService(ctx, &ecs.CreateServiceInput{
		ServiceName: name, TaskDefinition: name, DesiredCount: aws.Int32(2), LoadBalancers: balanced("blue"),
		DeploymentController: &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy},
	})
	ok(t, err)
	if s := created.Service; len(s.Deployments) != 0 || len(s.TaskSets) != 1 || aws.ToString(s.TaskSets[0].Status) != "PRIMARY" ||
		s.TaskSets[0].Scale.Value != 100 || aws.ToString(s.TaskSets[0].StartedBy) != "CODE_DEPLOY" || aws.ToString(s.TaskDefinition) != first {
		t.Fatalf("the new service has deployments %v, definition %s, task sets %+v", s.Deployments, aws.ToString(s.TaskDefinition), s.TaskSets)
	}
	blue := created.Service.TaskSets[0].Id
	awaitTaskSets(t, api, map[string]int32{*blue: 2})
	second := registerWeb(ctx, t, api)
	_, err = api.UpdateService(ctx, &ecs.UpdateServiceInput{Service: name, TaskDefinition: &second})
	if err := expectError[*types.InvalidParameterException](err, "Unable to update task definition on services with a CODE_DEPLOY deployment controller."); err != nil {
		t.Errorf("an update of the definition: %v", err)
	}
	out, err := api.CreateTaskSet(ctx, &ecs.CreateTaskSetInput{
		Cluster: aws.String("default"), Service: name, TaskDefinition: &second, LoadBalancers: balanced("green"),
		Scale: &types.Scale{Value: 50, Unit: types.ScaleUnitPercent},
	})
	ok(t, err)
	green := out.TaskSet.Id
	awaitTaskSets(t, api, map[string]int32{*blue: 2, *green: 1})
	for group, set := range map[string]*string{"blue": blue, "green": green} {
		if got, want := behind(t, kubernetes, group), startedBy(ctx, t, api, *set); !slices.Equal(got, want) {
			t.Errorf("behind target group %s are %v, want the tasks %v", group, got, want)
		}
	}

	_, err = api.UpdateServicePrimaryTaskSet(ctx, &ecs.UpdateServicePrimaryTaskSetInput{Cluster: aws.String("default"), Service: name, PrimaryTaskSet: green})
	ok(t, err)
	_, err = api.UpdateService(ctx, &ecs.UpdateServiceInput{Service: name, DesiredCount: aws.Int32(4)})
	ok(t, err)
	awaitTaskSets(t, api, map[string]int32{*blue: 4, *green: 2})
	_, err = api.DeleteTaskSet(ctx, &ecs.DeleteTaskSetInput{Cluster: aws.String("default"), Service: name, TaskSet: blue, Force: aws.Bool(true)})
	ok(t, err)
	awaitTaskSets(t, api, map[string]int32{*green: 2})
	svc, err := describe(ctx, api, "web")
	ok(t, err)
	if aws.ToString(svc.TaskDefinition) != second || aws.ToString(svc.LoadBalancers[0].TargetGroupArn) != targetGroup("green") {
		t.Errorf("the service has %s and %s", aws.ToString(svc.TaskDefinition), aws.ToString(svc.LoadBalancers[0].TargetGroupArn))
	}
	ok(t, expectEvent(ctx, api, "web", "(service web, taskSet "+*green+") has started 1 tasks: "))
	ok(t, expectEvent(ctx, api, "web", "(service web, taskSet "+*green+") registered 1 targets in (target-group "+targetGroup("green")+")"))

	_, err = api.DeleteService(ctx, &ecs.DeleteServiceInput{Service: name, Force: aws.Bool(true)})
	ok(t, err)
	eventually(t, "the service is INACTIVE", func(ctx context.Context) error {
		svc, err := describe(ctx, api, "web")
		if err == nil && (aws.ToString(svc.Status) != "INACTIVE" || len(svc.TaskSets) != 0) {
			err = fmt.Errorf("it is %s with %d task sets", aws.ToString(svc.Status), len(svc.TaskSets))
		}
		return err
	})
	// Its name is free, for another controller too.
	again, err := api.CreateService(ctx, &ecs.CreateServiceInput{ServiceName: name, TaskDefinition: name, DesiredCount: aws.Int32(1)})
	ok(t, err)
	if len(again.Service.Deployments) != 1 || again.Service.TaskSets != nil {
		t.Errorf("the service that follows has %+v, %+v", again.Service.Deployments, again.Service.TaskSets)
	}
	eventually(t, "the service that follows runs", func(ctx context.Context) error {
		svc, err := describe(ctx, api, "web")
		if err == nil && svc.RunningCount != 1 {
			err = fmt.Errorf("%d tasks run", svc.RunningCount)
		}
		return err
	})
}

// awaitTaskSets waits until the service web has exactly these task sets, stable
// with so many tasks.
func awaitTaskSets(t *testing.T, api *ecs.Client, want map[string]int32) {
	t.Helper()
	eventually(t, "the task sets are stable", func(ctx context.Context) error {
		svc, err := describe(ctx, api, "web")
		if err != nil {
			return err
		}
		got := map[string]int32{}
		for _, set := range svc.TaskSets {
			got[*set.Id] = set.RunningCount
			if set.StabilityStatus != types.StabilityStatusSteadyState {
				got[*set.Id] = -1
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("task sets (-want +got):\n%s", diff)
		}
		return nil
	})
}

func startedBy(ctx context.Context, t *testing.T, api *ecs.Client, set string) []string {
	t.Helper()
	out, err := api.ListTasks(ctx, &ecs.ListTasksInput{StartedBy: &set})
	ok(t, err)
	ids := []string{}
	for _, arn := range out.TaskArns {
		ids = append(ids, taskID(arn))
	}
	slices.Sort(ids)
	return ids
}

// taskID is the id in a task's ARN.
func taskID(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// behind are the tasks that the Service of a target group selects.
func behind(t *testing.T, c client.Client, group string) []string {
	t.Helper()
	route, pods := &corev1.Service{}, corev1.PodList{}
	ok(t, c.Get(t.Context(), client.ObjectKey{Namespace: "ecs-default", Name: group}, route))
	ok(t, c.List(t.Context(), &pods, client.InNamespace(route.Namespace), client.MatchingLabels(route.Spec.Selector)))
	ids := []string{}
	for i := range pods.Items {
		ids = append(ids, kube.TaskID(string(pods.Items[i].UID)))
	}
	slices.Sort(ids)
	return ids
}

// TestTaskSetTasks: one that is stopped is replaced in its task set; a revision
// and a Deployment that somebody deleted are made again.
func TestTaskSetTasks(t *testing.T) {
	t.Parallel()
	admin := startCluster(t, localcluster.Options{})
	kubernetes := kubernetesClient(t, admin)
	api, ctx := startGantry(t, admin).home(), context.Background()
	prepare(ctx, t, api, "app")
	set := externalService(ctx, t, api, "default", "app", 2, 100)
	awaitTaskSets(t, api, map[string]int32{set: 2})
	old := startedBy(ctx, t, api, set)
	_, err := api.StopTask(ctx, &ecs.StopTaskInput{Task: &old[0]})
	ok(t, err)
	eventually(t, "the stopped task is replaced", func(ctx context.Context) error {
		now := startedBy(ctx, t, api, set)
		if len(now) != 2 || slices.Contains(now, old[0]) || !slices.Contains(now, old[1]) {
			return fmt.Errorf("tasks %v, before %v", now, old)
		}
		return nil
	})
	awaitTaskSets(t, api, map[string]int32{set: 2})

	revisions := v1alpha1.ServiceRevisionList{}
	ok(t, kubernetes.List(ctx, &revisions))
	ok(t, kubernetes.Delete(ctx, &revisions.Items[0]))
	eventually(t, "the revision is made again as it was", func(ctx context.Context) error {
		again := v1alpha1.ServiceRevision{}
		if err := kubernetes.Get(ctx, client.ObjectKeyFromObject(&revisions.Items[0]), &again); err != nil {
			return err
		}
		if string(again.Spec.Inputs.Raw) != string(revisions.Items[0].Spec.Inputs.Raw) {
			return fmt.Errorf("its inputs are %s, were %s", again.Spec.Inputs.Raw, revisions.Items[0].Spec.Inputs.Raw)
		}
		return nil
	})

	deployments := appsv1.DeploymentList{}
	ok(t, kubernetes.List(ctx, &deployments, client.InNamespace("ecs-default")))
	ok(t, kubernetes.Delete(ctx, &deployments.Items[0]))
	eventually(t, "the Deployment is made again", func(ctx context.Context) error {
		again := appsv1.Deployment{}
		if err := kubernetes.Get(ctx, client.ObjectKeyFromObject(&deployments.Items[0]), &again); err != nil {
			return err
		}
		if again.UID == deployments.Items[0].UID {
			return errors.New("it is still the one before")
		}
		return nil
	})
	awaitTaskSets(t, api, map[string]int32{set: 2})
}

// externalService makes the service web and its first task set.
func externalService(ctx context.Context, t *testing.T, api *ecs.Client, cluster, definition string, count int32, percent float64) string {
	t.Helper()
	_, err := api.CreateService(ctx, &ecs.CreateServiceInput{
		Cluster: &cluster, ServiceName: aws.String("web"), DesiredCount: &count,
		DeploymentController: &types.DeploymentController{Type: types.DeploymentControllerTypeExternal},
	})
	ok(t, err)
	out, err := api.CreateTaskSet(ctx, &ecs.CreateTaskSetInput{
		Cluster: &cluster, Service: aws.String("web"), TaskDefinition: &definition, Scale: &types.Scale{Value: percent},
	})
	ok(t, err)
	return *out.TaskSet.Id
}

// external is a replica with an EXTERNAL service of two tasks and a task set.
func external(t *testing.T) (r *replica, cluster string) {
	t.Helper()
	r = newReplica(t, kubernetes)
	cluster = r.family(t)
	externalService(t.Context(), t, r.ecs, cluster, cluster, 2, 100)
	return r, cluster
}

// TestCreateTaskSetWithEachWriteCut: whatever write is cut, the same call again
// ends in one task set.
func TestCreateTaskSetWithEachWriteCut(t *testing.T) {
	eachCut(t, 2, func(t *testing.T, n int, how fate) { // the revision's mark, the service
		r, cluster := external(t)
		in := &ecs.CreateTaskSetInput{
			Cluster: &cluster, Service: aws.String("web"), TaskDefinition: &cluster, ClientToken: aws.String("again"), ExternalId: aws.String("second"),
		}
		r.writes.fail(n, how)
		if _, err := r.ecs.CreateTaskSet(t.Context(), in); err == nil {
			t.Fatalf("a call makes %d writes, the cut one is no. %d", r.writes.count(), n)
		}
		r.writes.fail(0, lost)
		made, err := r.ecs.CreateTaskSet(t.Context(), in)
		ok(t, err)
		out, err := r.ecs.DescribeServices(t.Context(), &ecs.DescribeServicesInput{Cluster: &cluster, Services: []string{"web"}})
		ok(t, err)
		if sets := out.Services[0].TaskSets; len(sets) != 2 || aws.ToString(sets[1].Id) != aws.ToString(made.TaskSet.Id) || aws.ToString(sets[1].ExternalId) != "second" {
			t.Errorf("the service has the task sets %+v", sets)
		}
	})
}

// TestTaskSetsMadeWithEachWriteCut: the controller, cut anywhere, ends with one
// Deployment a task set and says each thing once.
func TestTaskSetsMadeWithEachWriteCut(t *testing.T) {
	const writesOfARun = 5 // rollout, deployment, revision's owner, status, budget
	eachCut(t, writesOfARun, func(t *testing.T, n int, how fate) {
		r, cluster := external(t)
		namespace := kube.ClusterNamespace(v1alpha1.Identity{Account: kube.DefaultAccount, Region: kube.DefaultRegion}, cluster)
		controller := &service.Controller{Store: r.store, Now: time.Now, InactiveFor: time.Hour}
		request := kube.Request(namespace, "web")
		r.writes.fail(n, how)
		_, err := controller.Reconcile(t.Context(), request)
		if err == nil {
			t.Fatalf("a run makes %d writes, the cut one is no. %d", r.writes.count(), n)
		}
		r.writes.fail(0, lost)
		waitFor(t, 10*time.Second, "the service is settled", func() bool {
			before := r.writes.count()
			_, err := controller.Reconcile(t.Context(), request)
			if err != nil && !strings.Contains(err.Error(), "exists and does not") {
				t.Fatal(err)
			}
			return err == nil && r.writes.count() == before
		})
		svc, _, err := r.store.Services.Live(t.Context(), namespace, "web")
		ok(t, err)
		told := 0
		for _, event := range svc.Status.Events {
			if strings.Contains(event.Message, "updated computedDesiredCount") {
				told++
			}
		}
		owner := kube.OwnerKey(namespace, "web")
		number := svc.Spec.Deployments[0].Number
		deployments := slices.DeleteFunc(r.store.Deployments.By(kube.ByOwner, owner), func(d *appsv1.Deployment) bool {
			return d.Name != kube.DeploymentName("web", number)
		})
		if told != 1 || len(deployments) != 1 || *deployments[0].Spec.Replicas != 2 {
			t.Errorf("%d Deployments of the task set, told %d times", len(deployments), told)
		}
	})
}
