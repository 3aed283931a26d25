package localcluster

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

func (p plan) writeProxyConfig() error {
	config := map[string]any{
		"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
		"clientConnection": map[string]any{"kubeconfig": p.componentKubeconfig("proxy")},
		"hostnameOverride": nodeName, "clusterCIDR": podNetwork, "mode": "nftables",
		"bindAddress": "127.0.0.1", "healthzBindAddress": local(p.ports.ProxyHealth), "metricsBindAddress": local(p.ports.ProxyMetrics),
		// The default waits a second between two changes, for clusters of
		// thousands of Services.
		"nftables": map[string]any{"minSyncPeriod": "100ms"},
		// A machine inside a container may not let these be set.
		"conntrack":    map[string]any{"maxPerCore": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
		"featureGates": parseGates(p.FeatureGates),
	}
	data, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("encode kube-proxy's configuration: %w", err)
	}
	return writeFile(p.config("kube-proxy.yaml"), data)
}

func (p plan) proxy() Component {
	return Component{
		Name: "kube-proxy", Title: "kube-proxy", Endpoint: "http://" + local(p.ports.ProxyHealth),
		Purpose: "makes the addresses of Services lead to their pods (nftables)",
		ECS:     "the load balancer and Service Connect's proxy",
		Command: p.part("kube-proxy", "--config="+p.config("kube-proxy.yaml")),
		Ready:   httpReady("http://" + local(p.ports.ProxyHealth) + "/healthz"),
		Try:     "it needs nftables: `apt-get install nftables`",
	}
}
