package localcluster

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"runtime"
	"text/template"

	"sigs.k8s.io/yaml"
)

//go:embed templates
var templates embed.FS

// render fills a template of this package's.
func (p plan) render(name string) ([]byte, error) {
	t, err := template.ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("parse template %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, p.templateData()); err != nil {
		return nil, fmt.Errorf("fill template %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// templateData are the names that templates use.
func (p plan) templateData() map[string]any {
	return map[string]any{
		"State": p.dir, "Bin": p.BinDir, "Socket": p.containerdSocket(), "ContainerdState": p.containerdState(),
		"PauseImage": pauseImage, "SimulatedNode": simulatedNodeName, "Architecture": runtime.GOARCH, "Bridge": bridgeName, "PodNetwork": podNetwork,
		"NodeAddress": nodeAddress, "DNSAddress": dnsServiceAddress, "Domain": clusterDomain, "Ports": p.ports, "Authority": p.authorityBase64(),
	}
}

// writeNodeFiles writes the configuration of everything that only a node has.
func (p plan) writeNodeFiles() error {
	if err := os.MkdirAll(p.path("config", "cni"), 0o700); err != nil {
		return fmt.Errorf("make the folder of the network's configuration: %w", err)
	}
	for name, path := range map[string]string{
		"containerd.toml": p.config("containerd.toml"),
		"cni.conflist":    p.config("cni/10-gantry.conflist"),
	} {
		data, err := p.render(name)
		if err != nil {
			return err
		}
		if err := writeFile(path, data); err != nil {
			return err
		}
	}
	if err := p.writeKubeletConfig(); err != nil {
		return err
	}
	return p.writeCorefile()
}

func (p plan) writeKubeletConfig() error {
	gates := map[string]bool{}
	for name, on := range parseGates(p.FeatureGates) {
		gates[name] = on
	}
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
		"cgroupDriver": "cgroupfs", "failCgroupV1": false, "failSwapOn": false, "enforceNodeAllocatable": []string{},
		"podLogsDir": p.path("data", "podlogs"),
		"resolvConf": resolverFile(), "clusterDNS": []string{dnsServiceAddress}, "clusterDomain": clusterDomain,
		// Images may have come by `gantry images load` from nowhere else.
		"imageGCHighThresholdPercent": 100,
		"evictionHard":                map[string]string{"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
		"serializeImagePulls":         false, "nodeStatusUpdateFrequency": "5s",
		"kubeAPIQPS": 500, "kubeAPIBurst": 1000, "featureGates": gates,
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
		Ready: httpReady("http://" + local(p.ports.KubeletHealth) + "/healthz"),
		Try:   "its log names the reason; a machine without cgroups or without the right to make them cannot run it: `gantry up --simulated` works there",
	}
}

func (p plan) proxy() Component {
	return Component{
		Name: "kube-proxy", Title: "kube-proxy", Endpoint: "http://" + local(p.ports.ProxyHealth),
		Purpose: "makes the addresses of Services lead to their pods (nftables)",
		ECS:     "the load balancer and Service Connect's proxy",
		Command: p.part("kube-proxy", append(p.gates(),
			"--kubeconfig="+p.componentKubeconfig("proxy"), "--hostname-override="+nodeName,
			"--proxy-mode=nftables", "--cluster-cidr="+podNetwork, "--bind-address=127.0.0.1",
			"--healthz-bind-address="+local(p.ports.ProxyHealth), "--metrics-bind-address="+local(p.ports.ProxyMetrics),
			"--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0", "--conntrack-tcp-timeout-close-wait=0")...),
		Ready: httpReady("http://" + local(p.ports.ProxyHealth) + "/healthz"),
		Try:   "it needs nftables: `apt-get install nftables`",
	}
}

func (p plan) containerd() Component {
	return Component{
		Name: "containerd", Title: "container runtime", Endpoint: p.containerdSocket(),
		Purpose: "pulls images and runs containers (containerd, runc)",
		ECS:     "Docker on a container instance, Firecracker on Fargate",
		Command: p.part("containerd", "-c", p.config("containerd.toml")),
		Env:     []string{"PATH=" + p.BinDir + ":" + os.Getenv("PATH")},
		Ready:   grpcReady(p.containerdSocket()),
	}
}

func (p plan) metricsServer() Component {
	kubeconfig := p.componentKubeconfig("metrics-server")
	url := "https://" + local(p.ports.MetricsServer)
	return Component{
		Name: "metrics-server", Title: "metrics", Endpoint: url,
		Purpose: "measures CPU and memory of pods, for autoscaling and `kubectl top`",
		ECS:     "the CloudWatch metrics CPUUtilization and MemoryUtilization",
		Command: p.part("metrics-server", "--kubeconfig="+kubeconfig, "--authentication-kubeconfig="+kubeconfig, "--authorization-kubeconfig="+kubeconfig,
			"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.ports.MetricsServer),
			"--tls-cert-file="+p.pki("metrics-server.crt"), "--tls-private-key-file="+p.pki("metrics-server.key"),
			"--requestheader-client-ca-file="+p.pki("proxyca.crt"), "--requestheader-allowed-names=front-proxy",
			"--kubelet-preferred-address-types=InternalIP", "--kubelet-certificate-authority="+p.pki("ca.crt"),
			"--metric-resolution=10s", "--kubelet-use-node-status-port", "--kubelet-request-timeout=5s"),
		Ready: p.verifiedReady(url+"/livez", "ca", "metrics-server-client"),
	}
}
