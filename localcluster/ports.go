package localcluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync/atomic"
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

// Ports that nothing uses are looked for between these: the system would give one
// that any connection may have in the moment before it is listened on (Linux takes
// theirs from 32768 on, other systems from 49152 on).
const firstFree, endOfFree = 20_000, 32_000

// tried counts the ports that were looked at, from a random one on. On a busy
// machine it may take a minute until a port that was found is listened on: no other
// cluster of this process is to find it meanwhile, and hardly one of another.
var tried = func() *atomic.Uint32 {
	var n atomic.Uint32
	n.Store(rand.Uint32N(endOfFree - firstFree)) //nolint:gosec // no secret
	return &n
}()

// freePorts finds ports that nothing uses. All are held until the last is known,
// so that no two are the same.
func freePorts(ctx context.Context) (Ports, error) {
	var p Ports
	for _, port := range p.all() {
		l, err := listenFree(ctx)
		if err != nil {
			return p, err
		}
		defer l.Close()
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// FreeAddress is an address of this machine alone that nothing listens on.
func FreeAddress(ctx context.Context) (string, error) {
	l, err := listenFree(ctx)
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func listenFree(ctx context.Context) (l net.Listener, err error) {
	for range 100 {
		port := firstFree + int(tried.Add(1)%(endOfFree-firstFree))
		if l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", local(port)); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("find a free port: %w", err)
}

// checkFree fails with a sentence for the first port that something listens on.
func (p *Ports) checkFree(ctx context.Context, host string) error {
	for _, port := range p.all() {
		if err := checkAddress(ctx, net.JoinHostPort(host, strconv.Itoa(*port))); err != nil {
			return err
		}
	}
	return nil
}

func checkAddress(ctx context.Context, address string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		_, port, _ := net.SplitHostPort(address)
		return fmt.Errorf("%s is in use by another program (%w): stop it (`ss -ltnp 'sport = :%s'` names it), then try again", address, err, port)
	}
	if err := l.Close(); err != nil {
		return fmt.Errorf("release %s: %w", address, err)
	}
	return nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
