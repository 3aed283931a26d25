package localcluster

import (
	"context"
)

// writeKwokConfig writes the stages by which kwok lets pods live and end.
func (p plan) writeKwokConfig() error {
	// The stages are templates of kwok's own, so they are copied as they are.
	data, err := templates.ReadFile("templates/kwok-stages.yaml")
	if err != nil {
		return err
	}
	return writeFile(p.config("kwok-stages.yaml"), data)
}

func (p plan) applySimulatedNode(ctx context.Context) error {
	data, err := p.render("simulated-node.yaml")
	if err != nil {
		return err
	}
	return Apply(ctx, p.adminKubeconfig(), data)
}

func (p plan) kwok() Component {
	return Component{
		Name: "kwok", Title: "simulated node", Endpoint: "http://" + local(p.ports.Kwok),
		Purpose: "pretends to be a kubelet: pods are said to run, but no container does",
		ECS:     "the ECS container agent",
		Command: []string{
			p.program("kwok"), "--config=" + p.config("kwok-stages.yaml"), "--kubeconfig=" + p.adminKubeconfig(),
			"--manage-all-nodes=false", "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
			"--node-lease-duration-seconds=40", "--cidr=" + simulatedPodNetwork, "--node-ip=" + nodeAddress,
			"--server-address=" + local(p.ports.Kwok),
		},
		Ready: httpReady("http://" + local(p.ports.Kwok) + "/healthz"),
	}
}
