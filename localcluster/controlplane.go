package localcluster

import (
	"fmt"
)

func (p plan) etcd() Component {
	client, peer := "https://"+local(p.ports.Etcd), "https://"+local(p.ports.EtcdPeer)
	args := []string{
		"--name=gantry", "--data-dir=" + p.path("etcd"),
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=gantry=" + peer,
		"--cert-file=" + p.pki("etcd.crt"), "--key-file=" + p.pki("etcd.key"),
		"--client-cert-auth", "--trusted-ca-file=" + p.pki("etcdca.crt"),
		"--peer-cert-file=" + p.pki("etcd.crt"), "--peer-key-file=" + p.pki("etcd.key"),
		"--peer-client-cert-auth", "--peer-trusted-ca-file=" + p.pki("etcdca.crt"),
		"--quota-backend-bytes=4294967296", "--auto-compaction-mode=periodic", "--auto-compaction-retention=5m",
		"--logger=zap", "--log-level=warn",
	}
	if p.throwaway() {
		args = append(args, "--unsafe-no-fsync")
	}
	return Component{
		Name: "etcd", Title: "etcd", Endpoint: client,
		Purpose: "stores every object of the cluster",
		ECS:     "the state that AWS keeps behind the ECS API",
		Command: p.part("etcd", args...),
		Ready:   p.verifiedReady(client+"/health", "etcdca", "etcd-client"),
		Try:     "where its data is damaged, `gantry down --delete` starts afresh and loses all objects",
	}
}

func (p plan) apiServer() Component {
	args := []string{
		"--etcd-servers=https://" + local(p.ports.Etcd), "--etcd-cafile=" + p.pki("etcdca.crt"),
		"--etcd-certfile=" + p.pki("etcd-client.crt"), "--etcd-keyfile=" + p.pki("etcd-client.key"),
		"--bind-address=" + p.apiHost(), fmt.Sprintf("--secure-port=%d", p.ports.APIServer),
		"--tls-cert-file=" + p.pki("apiserver.crt"), "--tls-private-key-file=" + p.pki("apiserver.key"),
		"--client-ca-file=" + p.pki("ca.crt"),
		"--service-account-issuer=https://kubernetes.default.svc." + clusterDomain,
		"--service-account-key-file=" + p.pki("sa.pub"), "--service-account-signing-key-file=" + p.pki("sa.key"),
		"--service-cluster-ip-range=" + serviceNetwork,
		"--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
		"--requestheader-client-ca-file=" + p.pki("proxyca.crt"), "--requestheader-allowed-names=front-proxy",
		"--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + p.pki("front-proxy.crt"), "--proxy-client-key-file=" + p.pki("front-proxy.key"),
	}
	if p.hasNode() {
		args = append(args, "--advertise-address="+nodeAddress,
			"--kubelet-preferred-address-types=InternalIP", "--kubelet-certificate-authority="+p.pki("ca.crt"),
			"--kubelet-client-certificate="+p.pki("apiserver-kubelet.crt"), "--kubelet-client-key="+p.pki("apiserver-kubelet.key"))
	} else {
		args = append(args, "--endpoint-reconciler-type=none", "--advertise-address="+nodeAddress)
	}
	args = append(append(args, p.gates()...), p.APIServerArgs...)
	return Component{
		Name: "kube-apiserver", Title: "API server", Endpoint: p.server(),
		Purpose: "the Kubernetes API: everything reads and writes through it",
		ECS:     "the ECS API's own back end",
		Command: p.part("kube-apiserver", args...),
		Ready:   p.verifiedReady(p.server()+"/readyz", "ca", "admin"),
		Try:     "`gantry down`, then `gantry up`",
	}
}

func (p plan) controllerManager() Component {
	kubeconfig := p.componentKubeconfig("controller-manager")
	args := []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.ports.ControllerManager),
		"--leader-elect=false", "--use-service-account-credentials",
		"--service-account-private-key-file=" + p.pki("sa.key"), "--root-ca-file=" + p.pki("ca.crt"),
		"--cluster-signing-cert-file=" + p.pki("ca.crt"), "--cluster-signing-key-file=" + p.pki("ca.key"),
		"--horizontal-pod-autoscaler-sync-period=5s", "--kube-api-qps=1000", "--kube-api-burst=2000",
	}
	url := "https://" + local(p.ports.ControllerManager)
	return Component{
		Name: "kube-controller-manager", Title: "controller manager", Endpoint: url,
		Purpose: "keeps Deployments, ReplicaSets, autoscalers and namespaces as they should be",
		ECS:     "the ECS service scheduler and Application Auto Scaling",
		Command: p.part("kube-controller-manager", append(args, p.gates()...)...),
		Ready:   selfSignedReady(url + "/healthz"),
	}
}

func (p plan) scheduler() Component {
	kubeconfig := p.componentKubeconfig("scheduler")
	args := []string{
		"--kubeconfig=" + kubeconfig, "--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", p.ports.Scheduler),
		"--leader-elect=false", "--kube-api-qps=1000", "--kube-api-burst=2000",
	}
	url := "https://" + local(p.ports.Scheduler)
	return Component{
		Name: "kube-scheduler", Title: "scheduler", Endpoint: url,
		Purpose: "chooses the node of each pod",
		ECS:     "task placement",
		Command: p.part("kube-scheduler", append(args, p.gates()...)...),
		Ready:   selfSignedReady(url + "/healthz"),
	}
}
