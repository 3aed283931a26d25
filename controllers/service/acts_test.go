package service_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/kube"
)

// tried makes a call, and makes it again where Gantry was killed under it.
func tried[Out any](p *play, what string, call func() (Out, error)) Out {
	p.Helper()
	out, err := call()
	for range 3 {
		if err == nil || !p.gantry.client.Dead() {
			break
		}
		p.note("killed under %s", what)
		p.gantry.end()
		p.start()
		out, err = call()
	}
	if err != nil {
		p.must(fmt.Errorf("%s: %w", what, err))
	}
	return out
}

// define registers a revision of the family, as a rule a sound one.
func (p *play) define() string {
	image := imageServes
	if p.r.IntN(4) == 0 {
		image = []string{imageNoPull, imageCrashes, imageSickens}[p.r.IntN(3)]
	}
	container := types.ContainerDefinition{Name: aws.String("main"), Image: aws.String("test/" + image), Memory: aws.Int32(16)}
	if image == imageSickens || p.r.IntN(2) == 0 {
		container.HealthCheck = &types.HealthCheck{Command: []string{"CMD", "/check"}}
	}
	out := tried(p, "RegisterTaskDefinition", func() (*ecs.RegisterTaskDefinitionOutput, error) {
		return p.gantry.calls.RegisterTaskDefinition(p.ctx, &ecs.RegisterTaskDefinitionInput{
			Family: aws.String("app"), ContainerDefinitions: []types.ContainerDefinition{container},
		})
	})
	if out == nil || out.TaskDefinition == nil {
		p.Fatal("no task definition")
	}
	for len(p.images) < int(out.TaskDefinition.Revision) {
		p.images = append(p.images, image) // one that was made and not answered has the same
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
}

// imageOf is the image of a definition's tasks.
func (p *play) imageOf(definition string) string {
	revision, err := strconv.Atoi(definition[strings.LastIndex(definition, ":")+1:])
	p.must(err)
	return p.images[revision-1]
}

func (p *play) randomCount() int {
	switch p.r.IntN(8) {
	case 0:
		return 0
	case 1:
		return 5 + p.r.IntN(15)
	case 2:
		if p.r.IntN(12) == 0 {
			return 20 + p.r.IntN(81)
		}
	}
	return 1 + p.r.IntN(5)
}

// randomConfiguration is any that ECS accepts, narrow ones above all.
func (p *play) randomConfiguration() (minimum, maximum int) {
	switch p.r.IntN(5) {
	case 0:
		return 100, 200
	case 1:
		return 0, 100
	case 2:
		return 50, 100 + 25*p.r.IntN(5)
	}
	minimum, maximum = p.r.IntN(101), 100+p.r.IntN(101)
	if minimum == 100 && maximum == 100 {
		maximum = 101
	}
	return minimum, maximum
}

func (p *play) configuration() *types.DeploymentConfiguration {
	return &types.DeploymentConfiguration{
		MinimumHealthyPercent: aws.Int32(int32(p.ref.minimum)), MaximumPercent: aws.Int32(int32(p.ref.maximum)),
		DeploymentCircuitBreaker: &types.DeploymentCircuitBreaker{Enable: p.ref.breaker, Rollback: p.ref.rollback},
	}
}

func (p *play) create() {
	p.ref = &reference{states: map[string]types.DeploymentRolloutState{}}
	p.ref.desired = p.randomCount()
	p.ref.minimum, p.ref.maximum = p.randomConfiguration()
	p.ref.breaker, p.ref.rollback = p.r.IntN(2) == 0, p.r.IntN(2) == 0
	definition, token := p.define(), fmt.Sprintf("token-%d", p.r.Uint64())
	p.note("create %d with %d/%d, breaker %v, rollback %v, of %s (%s)", p.ref.desired, p.ref.minimum, p.ref.maximum, p.ref.breaker, p.ref.rollback,
		definition, p.imageOf(definition))
	out := tried(p, "CreateService", func() (*ecs.CreateServiceOutput, error) {
		return p.gantry.calls.CreateService(p.ctx, &ecs.CreateServiceInput{
			Cluster: aws.String(playCluster), ServiceName: aws.String(playService), TaskDefinition: &definition, ClientToken: &token,
			DesiredCount: aws.Int32(int32(p.ref.desired)), DeploymentConfiguration: p.configuration(),
		})
	})
	if out == nil || out.Service == nil {
		return
	}
	if n := len(out.Service.Deployments); n != 1 {
		p.must(fmt.Errorf("CreateService answers %d deployments", n))
	}
	p.begin(out.Service, definition)
}

// begin notes the deployment that a call has begun.
func (p *play) begin(svc *types.Service, definition string) {
	d := svc.Deployments[0]
	if id := aws.ToString(d.Id); p.ref.states[id] != "" || d.RolloutState != types.DeploymentRolloutStateInProgress ||
		aws.ToString(d.TaskDefinition) != definition {
		p.must(fmt.Errorf("the call for a new deployment of %s answers %s", definition, outline(*svc)))
	}
	p.ref.primary = deployment{aws.ToString(d.Id), definition, p.imageOf(definition) == imageServes}
	p.ref.rolledBack = false
	p.faults = 0
	if err := p.ref.anytime(*svc); err != nil {
		p.must(fmt.Errorf("%w: %s", err, outline(*svc)))
	}
}

func (p *play) update(what string, in *ecs.UpdateServiceInput) *types.Service {
	in.Cluster, in.Service = aws.String(playCluster), aws.String(playService)
	p.note("%s", what)
	out := tried(p, what, func() (*ecs.UpdateServiceOutput, error) { return p.gantry.calls.UpdateService(p.ctx, in) })
	if out == nil || out.Service == nil {
		return nil
	}
	return out.Service
}

// deploy asks for a new deployment: of a new revision, of an old one, or of the same.
func (p *play) deploy() {
	if p.ref.deleted {
		p.recreate()
		return
	}
	if _, found := p.describe(); !found { // a rollback may have begun
		return
	}
	in, definition := &ecs.UpdateServiceInput{}, p.ref.primary.definition
	if p.r.IntN(3) == 0 {
		in.ForceNewDeployment = true
	} else {
		definition = p.define()
		in.TaskDefinition = &definition
	}
	if p.r.IntN(4) == 0 {
		p.ref.desired = p.randomCount()
		in.DesiredCount = aws.Int32(int32(p.ref.desired))
	}
	what := fmt.Sprintf("deploy %s (%s), force %v, desired %d", definition, p.imageOf(definition), in.ForceNewDeployment, p.ref.desired)
	if svc := p.update(what, in); svc != nil {
		p.begin(svc, definition)
	}
}

// unchanged asks for something else than a deployment.
func (p *play) unchanged(what string, in *ecs.UpdateServiceInput) {
	before, found := p.describe()
	if !found {
		return
	}
	svc := p.update(what, in)
	if svc == nil {
		return
	}
	if was, is := aws.ToString(before.Deployments[0].Id), aws.ToString(svc.Deployments[0].Id); was != is {
		p.must(fmt.Errorf("%s: the primary deployment was %s and is %s", what, was, is))
	}
	if err := p.ref.anytime(*svc); err != nil {
		p.must(fmt.Errorf("%w: %s", err, outline(*svc)))
	}
}

func (p *play) scale() {
	if p.ref.deleted {
		return
	}
	p.ref.desired = p.randomCount()
	p.unchanged(fmt.Sprintf("scale to %d", p.ref.desired), &ecs.UpdateServiceInput{DesiredCount: aws.Int32(int32(p.ref.desired))})
}

func (p *play) configure() {
	if p.ref.deleted {
		return
	}
	if _, found := p.describe(); !found {
		return
	}
	p.ref.minimum, p.ref.maximum = p.randomConfiguration()
	// Where no task may be started before another stops, none can be moved.
	rebalancing := types.AvailabilityZoneRebalancingEnabled
	if p.ref.maximum <= 100 {
		rebalancing = types.AvailabilityZoneRebalancingDisabled
	}
	p.unchanged(fmt.Sprintf("configure %d/%d", p.ref.minimum, p.ref.maximum), &ecs.UpdateServiceInput{
		DeploymentConfiguration: p.configuration(), AvailabilityZoneRebalancing: rebalancing,
	})
}

// protect protects some tasks for a while, or no longer.
func (p *play) protect() {
	var ids []string
	for _, pod := range p.pods() {
		known, found := p.gantry.store.Pods.Get(pod.Namespace, pod.Name)
		if found && stands(known) && pod.Status.Phase == corev1.PodRunning && len(ids) < 10 && p.r.IntN(2) == 0 {
			ids = append(ids, kube.TaskID(string(pod.UID)))
		}
	}
	if len(ids) == 0 {
		return
	}
	in := &ecs.UpdateTaskProtectionInput{Cluster: aws.String(playCluster), Tasks: ids, ProtectionEnabled: p.r.IntN(4) > 0}
	if in.ProtectionEnabled {
		in.ExpiresInMinutes = aws.Int32([]int32{1, 30, 2880}[p.r.IntN(3)])
	}
	p.note("protect %d tasks: %v, %d minutes", len(ids), in.ProtectionEnabled, aws.ToInt32(in.ExpiresInMinutes))
	tried(p, "UpdateTaskProtection", func() (*ecs.UpdateTaskProtectionOutput, error) { return p.gantry.calls.UpdateTaskProtection(p.ctx, in) })
}

// mostFaults are so few that no circuit breaker trips over a sound deployment.
const mostFaults = 2

// fault lets a task's process end, its health check fail, or its pod be deleted.
func (p *play) fault() {
	pods := p.pods()
	if len(pods) == 0 {
		return
	}
	pod := pods[p.r.IntN(len(pods))]
	if p.r.IntN(3) == 0 {
		p.note("delete %s", pod.Name)
		p.must(p.life.client.Delete(p.ctx, pod))
		return
	}
	if p.faults++; p.faults > mostFaults || pod.Status.Phase != corev1.PodRunning {
		return
	}
	changed := pod.DeepCopy()
	if checked(pod) && p.r.IntN(2) == 0 {
		p.note("%s gets sick", pod.Name)
		changed.Annotations[sick] = "yes"
		p.life.setReady(changed, false)
	} else {
		p.note("the process of %s ends", pod.Name)
		p.life.end(changed, exitedByFault)
	}
	p.must(p.life.client.Update(p.ctx, changed))
}

// kill ends Gantry at one of its next writes, or now.
func (p *play) kill() {
	n, made := 1+p.r.IntN(6), p.r.IntN(2) == 0
	p.note("kill at write %d, made %v", n, made)
	p.gantry.client.DieAt(n, made)
}

// recreate deletes the service, or creates it again once it is INACTIVE.
func (p *play) recreate() {
	if !p.ref.deleted {
		p.note("delete the service")
		p.ref.deleted, p.ref.desired = true, 0
		tried(p, "DeleteService", func() (*ecs.DeleteServiceOutput, error) {
			out, err := p.gantry.calls.DeleteService(p.ctx, &ecs.DeleteServiceInput{
				Cluster: aws.String(playCluster), Service: aws.String(playService), Force: aws.Bool(true),
			})
			if _, gone := errors.AsType[*types.ServiceNotFoundException](err); gone { // the try before has done it, and nothing ran
				return out, nil
			}
			return out, err
		})
		return
	}
	svc, found := p.describe()
	if found && aws.ToString(svc.Status) == "INACTIVE" {
		p.create()
	}
}
