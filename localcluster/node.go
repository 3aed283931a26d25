package localcluster

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"runtime"
	"text/template"
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
	if err := p.writeProxyConfig(); err != nil {
		return err
	}
	return p.writeCorefile()
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
