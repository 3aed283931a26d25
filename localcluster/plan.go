package localcluster

import (
	"net"
	"path/filepath"
	"strconv"
)

const (
	// nodeAddress is put on the loopback interface: Kubernetes refuses a node
	// in 127.0.0.0/8, and this one is as unreachable from outside.
	nodeAddress = "10.99.0.1"
	podNetwork  = "10.244.0.0/16"
	// simulatedPodNetwork is only written into the status of pods.
	simulatedPodNetwork = "10.200.0.0/16"
	serviceNetwork      = "10.96.0.0/16"
	apiServiceAddress   = "10.96.0.1"
	dnsServiceAddress   = "10.96.0.10"
	clusterDomain       = "cluster.local"
	nodeName            = "gantry"
	simulatedNodeName   = "gantry-simulated"
)

// plan is all that the components' flags and files are made of.
type plan struct {
	Options
	layout
	mode  Mode
	ports Ports
}

func (p plan) hasNode() bool { return p.mode == ModeNode }

func (p plan) hasWorkloads() bool { return p.mode != ModeControlPlane }

// throwaway clusters belong to a test: they need not outlive a power failure.
func (p plan) throwaway() bool { return p.ControlPlaneOnly }

// apiHost is where the API server listens. Pods cannot reach 127.0.0.1.
func (p plan) apiHost() string {
	if p.hasNode() {
		return nodeAddress
	}
	return "127.0.0.1"
}

func (p plan) server() string {
	return "https://" + net.JoinHostPort(p.apiHost(), strconv.Itoa(p.ports.APIServer))
}

// part is the command line of a program inside gantry-node.
func (p plan) part(name string, args ...string) []string {
	return append([]string{p.program(nodeBinary), name}, args...)
}

func (p plan) program(name string) string { return filepath.Join(p.BinDir, name) }

// gates are the feature gates that every Kubernetes component gets.
func (p plan) gates() []string {
	if p.FeatureGates == "" {
		return nil
	}
	return []string{"--feature-gates=" + p.FeatureGates}
}

// groups are the components in the order of their start; those of one group
// start together.
func (p plan) groups() [][]Component {
	first := []Component{p.etcd()}
	if p.hasNode() {
		first = append(first, p.containerd())
	}
	var third []Component
	if p.hasWorkloads() || p.ControllerManager {
		third = append(third, p.controllerManager())
	}
	if p.hasWorkloads() {
		third = append(third, p.scheduler())
	}
	switch p.mode {
	case ModeNode:
		third = append(third, p.kubelet(), p.proxy(), p.coreDNS(), p.metricsServer())
	case ModeSimulated:
		third = append(third, p.kwok())
	case ModeControlPlane:
	}
	return [][]Component{first, {p.apiServer()}, append(third, p.Extra...)}
}

func (p plan) components() []Component {
	var all []Component
	for _, group := range p.groups() {
		all = append(all, group...)
	}
	return all
}
