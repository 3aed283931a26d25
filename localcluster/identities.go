package localcluster

import "fmt"

// writeIdentities makes all certificates, keys and kubeconfigs of a cluster.
func (p plan) writeIdentities() error {
	dir := p.path("pki")
	for name, leaves := range p.leaves() {
		ca, err := openAuthority(dir, name)
		if err != nil {
			return err
		}
		for _, l := range leaves {
			if err := ca.issue(l); err != nil {
				return err
			}
		}
	}
	if err := openSigningKey(dir); err != nil {
		return err
	}
	for _, name := range []string{"controller-manager", "scheduler", "kubelet", "proxy", "coredns", "metrics-server"} {
		if err := p.writeKubeconfig(p.componentKubeconfig(name), p.server(), name+"-client"); err != nil {
			return err
		}
	}
	if err := p.writeKubeconfig(p.adminKubeconfig(), p.server(), "admin"); err != nil {
		return fmt.Errorf("write the admin's kubeconfig: %w", err)
	}
	return nil
}

// leaves are the certificates of each authority. Kubernetes reads users and
// groups out of a client's common name and organizations.
func (p plan) leaves() map[string][]leaf {
	return map[string][]leaf{
		"ca": {
			{name: "apiserver", commonName: "kube-apiserver", hosts: []string{
				"127.0.0.1", nodeAddress, apiServiceAddress, "localhost", "kubernetes", "kubernetes.default",
				"kubernetes.default.svc", "kubernetes.default.svc." + clusterDomain,
			}},
			{name: "admin", commonName: "gantry-admin", organizations: []string{"system:masters"}},
			{name: "apiserver-kubelet", commonName: "kube-apiserver-kubelet-client", organizations: []string{"system:masters"}},
			{name: "controller-manager-client", commonName: "system:kube-controller-manager"},
			{name: "scheduler-client", commonName: "system:kube-scheduler"},
			{name: "proxy-client", commonName: "system:kube-proxy"},
			{name: "kubelet-client", commonName: "system:node:" + nodeName, organizations: []string{"system:nodes"}},
			{name: "kubelet-server", commonName: nodeName, hosts: []string{nodeAddress, nodeName}},
			{name: "coredns-client", commonName: "system:coredns"},
			{name: "metrics-server-client", commonName: "system:metrics-server"},
			{name: "metrics-server", commonName: "metrics-server", hosts: []string{"metrics-server.kube-system.svc", "localhost", "127.0.0.1"}},
		},
		"proxyca": {{name: "front-proxy", commonName: "front-proxy"}},
		"etcdca": {
			{name: "etcd", commonName: "etcd", hosts: []string{"127.0.0.1", "localhost"}, peer: true},
			{name: "etcd-client", commonName: "kube-apiserver"},
		},
	}
}
