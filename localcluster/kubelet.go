package localcluster

import (
	"context"
	"fmt"

	"sigs.k8s.io/yaml"
)

func (p plan) writeKubeletConfig() error {
	config := map[string]any{
		"apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
		"address": nodeAddress, "port": p.ports.Kubelet, "readOnlyPort": 0,
		"healthzBindAddress": "127.0.0.1", "healthzPort": p.ports.KubeletHealth,
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false}, "webhook": map[string]any{"enabled": true},
			"x509": map[string]any{"clientCAFile": p.pki("ca.crt")},
		},
		"authorization": map[string]any{"mode": "Webhook"},
		"tlsCertFile":   p.pki("kubelet-server.crt"), "tlsPrivateKeyFile": p.pki("kubelet-server.key"),
		"containerRuntimeEndpoint": "unix://" + p.containerdSocket(),
		// The hierarchy may be of version 1, and a machine inside a container
		// or a small virtual machine may not let limits be set on the node itself.
		"cgroupDriver": "cgroupfs", "cgroupRoot": "/" + p.cgroup(), "failCgroupV1": false, "failSwapOn": false, "enforceNodeAllocatable": []string{},
		"podLogsDir": p.path("data", "podlogs"),
		"resolvConf": resolverFile(), "clusterDNS": []string{dnsServiceAddress}, "clusterDomain": clusterDomain,
		// kube-proxy has tables of its own, and nothing else needs the kubelet's chains.
		"makeIPTablesUtilChains": false,
		// Images may have come by `gantry images load` from nowhere else.
		"imageGCHighThresholdPercent": 100,
		"evictionHard":                map[string]string{"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
		// Tasks are small, and tests run hundreds.
		"maxPods":             500,
		"serializeImagePulls": false, "nodeStatusUpdateFrequency": "5s",
		"kubeAPIQPS": 500, "kubeAPIBurst": 1000, "featureGates": parseGates(p.FeatureGates),
		"volumePluginDir": p.path("data", "volumeplugins"),
	}
	data, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("encode the kubelet's configuration: %w", err)
	}
	return writeFile(p.config("kubelet.yaml"), data)
}

func (p plan) kubelet() Component {
	return Component{
		Name: "kubelet", Title: "kubelet", Endpoint: fmt.Sprintf("https://%s:%d", nodeAddress, p.ports.Kubelet),
		Purpose: "starts, probes and stops the containers of this node",
		ECS:     "the ECS container agent",
		Command: p.part("kubelet", "--config="+p.config("kubelet.yaml"), "--kubeconfig="+p.componentKubeconfig("kubelet"),
			"--root-dir="+p.path("kubelet"), "--cert-dir="+p.path("kubelet", "pki"),
			"--hostname-override="+nodeName, "--node-ip="+nodeAddress),
		Prepare: func(ctx context.Context, _ string) error { return p.importPauseImage(ctx) },
		Ready:   httpReady("http://" + local(p.ports.KubeletHealth) + "/healthz"),
		Try:     "its log names the reason; a machine without cgroups or without the right to make them cannot run it: `gantry up --simulated` works there",
	}
}
