package localcluster

import (
	"context"
	"fmt"
	"net"
	"strconv"
)

// Ports are where the components listen, all on this machine alone.
type Ports struct {
	Etcd              int `json:"etcd"`
	EtcdPeer          int `json:"etcdPeer"`
	APIServer         int `json:"apiServer"`
	ControllerManager int `json:"controllerManager"`
	Scheduler         int `json:"scheduler"`
	Kubelet           int `json:"kubelet"`
	KubeletHealth     int `json:"kubeletHealth"`
	ProxyHealth       int `json:"proxyHealth"`
	ProxyMetrics      int `json:"proxyMetrics"`
	MetricsServer     int `json:"metricsServer"`
	DNS               int `json:"dns"`
	DNSReady          int `json:"dnsReady"`
	Kwok              int `json:"kwok"`
}

// fixedPorts are those of the one full cluster of a machine; they keep clear
// of the ports that Kubernetes' own installers use.
var fixedPorts = Ports{
	Etcd: 12379, EtcdPeer: 12380, APIServer: 16443,
	ControllerManager: 11257, Scheduler: 11259,
	Kubelet: 11250, KubeletHealth: 11248,
	ProxyHealth: 11256, ProxyMetrics: 11249,
	MetricsServer: 14443, DNS: 11053, DNSReady: 11054, Kwok: 11247,
}

func (p *Ports) all() []*int {
	return []*int{
		&p.Etcd, &p.EtcdPeer, &p.APIServer, &p.ControllerManager, &p.Scheduler, &p.Kubelet, &p.KubeletHealth,
		&p.ProxyHealth, &p.ProxyMetrics, &p.MetricsServer, &p.DNS, &p.DNSReady, &p.Kwok,
	}
}

// freePorts asks the system for ports that nothing uses. All are held until
// the last is known, so that no two are the same.
func freePorts(ctx context.Context) (Ports, error) {
	var p Ports
	for _, port := range p.all() {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return p, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// checkFree fails with a sentence for the first port that something listens on.
func (p *Ports) checkFree(ctx context.Context, host string) error {
	for _, port := range p.all() {
		address := net.JoinHostPort(host, strconv.Itoa(*port))
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
		if err != nil {
			return fmt.Errorf("%s is in use by another program (%w): stop it (`ss -ltnp 'sport = :%d'` names it), then try again", address, err, *port)
		}
		if err := l.Close(); err != nil {
			return fmt.Errorf("release %s: %w", address, err)
		}
	}
	return nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
