package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

func newTranslateCommand() *cobra.Command {
	var explain bool
	cluster := "default"
	cmd := &cobra.Command{
		Use:   "translate TASK-DEFINITION.json [SERVICE.json]",
		Short: "Print what a task definition, or a service, becomes in Kubernetes",
		Long: "Print the Pod of a task, or the Deployment of a service, as YAML. It needs no cluster.\n\n" +
			"The task definition is the input of register-task-definition or the answer of\n" +
			"describe-task-definition, the service the input of create-service; - is standard input.",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			t := translation{cluster: cluster}
			if err := t.read(cmd, args); err != nil {
				return err
			}
			return t.print(cmd.OutOrStdout(), explain)
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "say of every field where it went, its class and the rule")
	cmd.Flags().StringVar(&cluster, "cluster", cluster, "the name of the ECS cluster")
	return cmd
}

// translation is a task definition, and a service where one is given, of the
// identity whose object names are readable.
type translation struct {
	cluster    string
	definition *types.TaskDefinition
	tags       []types.Tag
	service    *ecs.CreateServiceInput
}

var translateIdentity = v1alpha1.Identity{Account: kube.DefaultAccount, Region: kube.DefaultRegion}

// capable is a current Kubernetes.
var capable = translator.Capabilities{PodLevelResources: true, ContainerRestartRules: true}

func (t *translation) print(out io.Writer, explain bool) error {
	rendered := translator.RenderPodSpec(t.taskInput())
	findings := append(translator.RegistrationFindings(&ecs.RegisterTaskDefinitionInput{Tags: t.tags}), rendered.Findings...)
	if t.service != nil {
		findings = append(findings, translator.ServiceFindings(t.service)...)
	}
	if explain {
		if err := explainFindings(out, findings); err != nil {
			return err
		}
	}
	var refused []string
	for _, f := range findings {
		if f.Class == translator.Refused {
			refused = append(refused, f.Message())
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("no task can be started:\n  %s", strings.Join(refused, "\n  "))
	}
	object, err := t.object(rendered.Spec)
	if err != nil {
		return err
	}
	return writeDocuments(out, append([]any{object}, t.routeObjects()...))
}

func writeDocuments(out io.Writer, objects []any) error {
	for i, object := range objects {
		document, err := yaml.Marshal(object)
		if err != nil {
			return fmt.Errorf("write YAML: %w", err)
		}
		if i > 0 {
			document = append([]byte("---\n"), document...)
		}
		if _, err := out.Write(document); err != nil {
			return fmt.Errorf("write YAML: %w", err)
		}
	}
	return nil
}

// routing takes a Service Connect namespace that is named in the service: the
// default of a cluster is not known here.
func (t *translation) routing() translator.Routing {
	routing := translator.Routing{LoadBalancers: t.service.LoadBalancers, ServiceRegistries: t.service.ServiceRegistries}
	if config := t.service.ServiceConnectConfiguration; config != nil && config.Enabled {
		name := aws.ToString(config.Namespace)
		routing.Connect = translator.Connect{Configuration: config, Namespace: arn.NamespaceOf(translateIdentity, name), Name: name}
	}
	return routing
}

func (t *translation) routes() []translator.Route {
	return translator.Routes(t.routing(), t.definition, kube.RouteName)
}

// routeObjects are the Services that lead to the service's tasks.
func (t *translation) routeObjects() []any {
	if t.service == nil {
		return nil
	}
	var objects []any
	service := kube.Name(translateIdentity, aws.ToString(t.service.ServiceName))
	for _, route := range t.routes() {
		objects = append(objects, &corev1.Service{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
			ObjectMeta: metav1.ObjectMeta{
				Namespace: kube.ClusterNamespace(translateIdentity, t.cluster), Name: route.Name, Annotations: translator.RouteAnnotations(route),
			},
			Spec: translator.RouteSpec(service, route, ""),
		})
	}
	return objects
}

func (t *translation) taskInput() translator.TaskInput {
	in := translator.TaskInput{
		TaskDefinition: t.definition, LaunchType: types.LaunchTypeEc2,
		Account: translateIdentity.Account, Region: translateIdentity.Region, Cluster: t.cluster,
		Capabilities: capable, Group: kube.TaskGroup(translateIdentity, t.cluster, "family:"+aws.ToString(t.definition.Family)),
	}
	if s := t.service; s != nil {
		in.LaunchType, in.NetworkConfiguration = s.LaunchType, s.NetworkConfiguration
		in.PlacementConstraints, in.PlacementStrategy = s.PlacementConstraints, s.PlacementStrategy
		in.EnableExecuteCommand, in.InService, in.Routed = s.EnableExecuteCommand, true, len(t.routes()) > 0
		in.LoadBalancers = s.LoadBalancers
		in.VolumeConfigurations = translator.TaskVolumes(s.VolumeConfigurations)
		in.Group = kube.Name(translateIdentity, aws.ToString(s.ServiceName))
	}
	return in
}

// object is what the API's calls would create: a task's Pod, or the Deployment
// of the service's first deployment.
func (t *translation) object(spec corev1.PodSpec) (any, error) {
	meta, err := t.meta()
	if err != nil {
		return nil, err
	}
	namespace := kube.ClusterNamespace(translateIdentity, t.cluster)
	if t.service == nil {
		meta.Namespace, meta.Name = namespace, kube.Name(translateIdentity, aws.ToString(t.definition.Family))
		return &corev1.Pod{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}, ObjectMeta: meta, Spec: spec}, nil
	}
	template, err := json.Marshal(corev1.PodTemplateSpec{ObjectMeta: meta, Spec: spec})
	if err != nil {
		return nil, fmt.Errorf("encode the pod template: %w", err)
	}
	service := meta.Labels[v1alpha1.ServiceLabel]
	rollout := &v1alpha1.ServiceDeployment{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: kube.DeploymentName(service, 1),
			Labels: map[string]string{v1alpha1.ServiceLabel: service},
		},
		Spec: v1alpha1.ServiceDeploymentSpec{DeploymentEntry: v1alpha1.DeploymentEntry{Number: 1}},
	}
	revision := &v1alpha1.ServiceRevision{Spec: v1alpha1.ServiceRevisionSpec{Template: runtime.RawExtension{Raw: template}}}
	deployment, err := translator.Deployment(rollout, revision, "", aws.ToInt32(t.service.DesiredCount), nil)
	if err != nil {
		return nil, err
	}
	// The id of a deployment comes from that of its service, which is not there.
	delete(deployment.Spec.Template.Annotations, v1alpha1.StartedByAnnotation)
	deployment.TypeMeta = metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"}
	return deployment, nil
}

func (t *translation) meta() (metav1.ObjectMeta, error) {
	family := aws.ToString(t.definition.Family)
	request := translator.TaskRequest{Identity: translateIdentity, Group: "family:" + family, Architecture: "x86_64"}
	meta := translator.PodMeta{
		Identity: translateIdentity, Cluster: t.cluster, ClusterObject: kube.Name(translateIdentity, t.cluster),
		Family: family, FamilyObject: kube.Name(translateIdentity, family), Definition: t.definition,
	}
	meta.Group = t.taskInput().Group
	if t.service != nil {
		meta.Group, meta.PlacementStrategy, meta.CapacityProviderStrategy = "", t.service.PlacementStrategy, t.service.CapacityProviderStrategy
		if sole := t.service.CapacityProviderStrategy; len(sole) == 1 {
			request.CapacityProvider = aws.ToString(sole[0].CapacityProvider)
		}
		meta.Service = aws.ToString(t.service.ServiceName)
		meta.ServiceObject = kube.Name(translateIdentity, meta.Service)
		request.Group = "service:" + meta.Service
		meta.Routing, meta.Routes = t.routing(), t.routes()
	}
	if t.definition.TaskDefinitionArn == nil {
		t.definition.TaskDefinitionArn = aws.String(arn.TaskDefinition(translateIdentity, family, 1))
	}
	meta.Task = translator.StaticTask(t.taskInput(), request)
	return translator.RenderPodMeta(meta)
}

// explainFindings writes a table as comments, so that the whole stays YAML.
func explainFindings(out io.Writer, findings []translator.Finding) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(table, "# OF\tFIELD\tCLASS\tWHERE IT WENT\tRULE")
	for _, f := range findings {
		if err == nil {
			where := strings.TrimSpace(f.Object + " " + f.Kubernetes)
			_, err = fmt.Fprintf(table, "# %s\t%s\t%s\t%s\t%s\n", f.Document, f.ECS, f.Class, where, f.Rule)
		}
	}
	if err == nil {
		err = table.Flush()
	}
	if err != nil {
		return fmt.Errorf("write the explanation: %w", err)
	}
	return nil
}
