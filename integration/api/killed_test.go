package api

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/localcluster"
)

// TestProcessesDie kills what takes part in a rollout in the middle of it. The
// faults touch the whole cluster, so they come one after the other.
func TestProcessesDie(t *testing.T) {
	t.Parallel()
	config, dir := startStateful(t, localcluster.Options{})
	objects, kubeconfig := kubernetesClient(t, config), filepath.Join(dir, "kubeconfig")
	t.Run("Gantry", func(t *testing.T) { testGantryDies(t, objects, kubeconfig) })
	t.Run("API server", func(t *testing.T) { testAPIServerDies(t, objects, kubeconfig, dir) })
	t.Run("leader", func(t *testing.T) { testLeaderDies(t, objects, kubeconfig) })
	t.Run("upgrade", func(t *testing.T) { testUpgrade(t, objects, kubeconfig) })
}

// span of the moments at which something is killed: while a call is answered, or
// while the controllers carry out what it asked for.
func span(round int) time.Duration {
	if round%2 == 0 {
		return 40 * time.Millisecond
	}
	return 2 * time.Second
}

// during makes the call, and does what goes wrong at a random moment of the span.
func (s *faultScene) during(round int, definition string, wrong func()) types.Deployment {
	s.Helper()
	delay := rand.N(span(round))
	var asked sync.WaitGroup
	asked.Go(func() {
		_, _ = s.api.UpdateService(context.Background(), &ecs.UpdateServiceInput{ // it may not be answered
			Cluster: &s.cluster, Service: aws.String("web"), TaskDefinition: &definition,
		})
	})
	<-time.After(delay)
	wrong()
	asked.Wait()
	s.Logf("round %d: after %s", round, delay.Round(time.Millisecond))
	return s.deploy(definition)
}

// kill -9 of the only replica: it goes on where it was.
func testGantryDies(t *testing.T, objects client.Client, kubeconfig string) {
	p := startProcess(t, kubeconfig)
	s := newFaultScene(t, p.client(), objects)
	s.guard(true)
	for round := range rounds(10, 200) {
		definition := s.define()
		deployment := s.during(round, definition, func() {
			p.kill()
			p.start(t)
		})
		s.arrived(deployment, 0)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	s.ends()
	p.stop(t)
}

func testAPIServerDies(t *testing.T, objects client.Client, kubeconfig, dir string) {
	p := startProcess(t, kubeconfig)
	s := newFaultScene(t, p.client(), objects)
	s.guard(true)
	for round := range rounds(2, 20) {
		deployment := s.during(round, s.define(), func() {
			s.cut()
			ok(t, syscall.Kill(componentPID(t, dir, "kube-apiserver"), syscall.SIGKILL))
		})
		s.arrived(deployment, 0)
	}
	s.ends()
	p.stop(t)
}

// componentPID is the process of one of the cluster's components.
func componentPID(t *testing.T, dir, name string) int {
	t.Helper()
	status, err := localcluster.Inspect(t.Context(), dir)
	ok(t, err)
	for _, c := range status.Components {
		if c.Name == name && c.PID > 0 {
			return c.PID
		}
	}
	t.Fatalf("%s does not run", name)
	return 0
}

// Of two replicas the leader dies, or is told to end: the other leads on.
func testLeaderDies(t *testing.T, objects client.Client, kubeconfig string) {
	replicas := [2]*process{startProcess(t, kubeconfig), startProcess(t, kubeconfig)}
	s := newFaultScene(t, replicas[0].client(), objects)
	s.guard(true)
	for round := range rounds(3, 20) {
		leads := leader(t, objects, replicas)
		other := replicas[1-leads]
		s.api = other.client()
		deployment := s.during(round, s.define(), func() {
			if round%3 == 0 {
				replicas[leads].stop(t)
			} else {
				replicas[leads].kill()
			}
		})
		s.arrived(deployment, 0)
		eventually(t, fmt.Sprintf("round %d: the replica that was left leads", round), func(context.Context) error {
			if now := holder(objects); !strings.Contains(now, other.address) {
				return fmt.Errorf("%s leads, want %s", now, other.address)
			}
			return nil
		})
		replicas[leads].start(t)
	}
	s.ends()
	for _, p := range replicas {
		p.stop(t)
	}
}

// leader waits until one of the replicas leads.
func leader(t *testing.T, objects client.Client, replicas [2]*process) int {
	t.Helper()
	leads := 0
	eventually(t, "a replica leads", func(context.Context) error {
		held := holder(objects)
		for i, p := range replicas {
			if strings.Contains(held, p.address) {
				leads = i
				return nil
			}
		}
		return fmt.Errorf("%q leads", held)
	})
	return leads
}

func holder(objects client.Client) string {
	lease := &coordinationv1.Lease{}
	if err := objects.Get(context.Background(), client.ObjectKey{Namespace: "gantry-system", Name: "gantry"}, lease); err != nil {
		return ""
	}
	return aws.ToString(lease.Spec.HolderIdentity)
}
