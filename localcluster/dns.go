package localcluster

import (
	"bufio"
	"os"
	"strings"
)

// systemdResolver is the list of real name servers on machines where
// /etc/resolv.conf names only a resolver on loopback, which pods cannot reach.
const systemdResolver = "/run/systemd/resolve/resolv.conf"

func resolverFile() string {
	if len(nameServers(systemdResolver)) > 0 {
		return systemdResolver
	}
	return "/etc/resolv.conf"
}

func nameServers(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var servers []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 && fields[0] == "nameserver" {
			servers = append(servers, fields[1])
		}
	}
	return servers
}

// writeCorefile: names of the cluster from its Services, all others from
// where this machine asks. A machine without a name server gets no forwarding.
func (p plan) writeCorefile() error {
	data, err := p.render("Corefile")
	if err != nil {
		return err
	}
	if resolver := resolverFile(); len(nameServers(resolver)) > 0 {
		data = []byte(strings.Replace(string(data), "# forward", "forward . "+resolver, 1))
	}
	return writeFile(p.config("Corefile"), data)
}

func (p plan) coreDNS() Component {
	return Component{
		Name: "coredns", Title: "DNS", Endpoint: dnsServiceAddress + ":53",
		Purpose: "answers the names of Services in pods, and forwards all others",
		ECS:     "Cloud Map and the VPC's resolver",
		Command: p.part("coredns", "-conf", p.config("Corefile")),
		Ready:   httpReady("http://" + local(p.ports.DNSReady) + "/ready"),
	}
}
