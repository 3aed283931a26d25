package translator

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
)

const (
	linkRule     = "the containers of a pod share localhost: the other's name, and the alias, stand for 127.0.0.1 in /etc/hosts, and it starts first; Docker's variables for links are not set"
	hostnameRule = "the host name of the pod, which all its containers have"
	dnsRule      = "in place of the cluster's DNS, as on ECS: names of Services are not found"
	searchRule   = "after the cluster's own domains, or alone where there are dnsServers too"
	// maxNameservers and maxSearches are Kubernetes' (validation of dnsConfig).
	maxNameservers = 3
	maxSearches    = 32
)

var hostFields = []Field{
	{Document: TaskDefinition, Path: "/containerDefinitions/*/links", Class: Translated, To: "Pod /spec/hostAliases", Rule: linkRule},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/hostname", Class: Translated, To: "Pod /spec/hostname",
		Rule: hostnameRule, Except: "refused where two containers have different ones, where it is no DNS label, and with the node's network",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/extraHosts/*/hostname", Class: Translated, To: "Pod /spec/hostAliases/*/hostnames",
		Rule: "an entry in /etc/hosts of all containers",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/extraHosts/*/ipAddress", Class: Translated, To: "Pod /spec/hostAliases/*/ip",
		Rule: "as given",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dnsServers", Class: Translated, To: "Pod /spec/dnsConfig/nameservers",
		Rule: dnsRule, Except: "refused where two containers have different ones, and where there are more than three",
	},
	{
		Document: TaskDefinition, Path: "/containerDefinitions/*/dnsSearchDomains", Class: Translated, To: "Pod /spec/dnsConfig/searches",
		Rule: searchRule, Except: "refused where two containers have different ones",
	},
}

// hosts translates what the containers say of names: a pod has one /etc/hosts,
// one host name and one resolver configuration.
func (r *renderer) hosts() {
	for _, c := range r.containers {
		r.links(c)
		r.hostname(c)
		r.extraHosts(c)
		r.nameservers(c)
		r.searches(c)
	}
}

// links adds the names; order has looked at who waits for whom.
func (r *renderer) links(c *container) {
	at := c.member("links")
	for _, link := range c.def.Links {
		name, alias, _ := strings.Cut(link, ":")
		if !r.hasContainer(name) {
			r.refuse(at, "no container of the task is called "+name)
			return
		}
		for _, host := range []string{name, alias} {
			if host == "" || host == name && alias != "" && len(validation.IsDNS1123Subdomain(strings.ToLower(host))) > 0 {
				continue
			}
			if reason := r.alias(strings.ToLower(host), netip.AddrFrom4([4]byte{127, 0, 0, 1})); reason != "" {
				r.refuse(at, reason)
				return
			}
		}
	}
	if len(c.def.Links) > 0 {
		r.translated(at, "/spec/hostAliases")
	}
}

func (r *renderer) hasContainer(name string) bool {
	return slices.ContainsFunc(r.containers, func(c *container) bool { return value(c.def.Name) == name })
}

// alias adds a line to /etc/hosts, or says why it cannot.
func (r *renderer) alias(host string, ip netip.Addr) string {
	if len(validation.IsDNS1123Subdomain(host)) > 0 {
		return "Kubernetes takes no " + strconv.Quote(host) + " as a host name"
	}
	for _, line := range r.spec.HostAliases {
		if slices.Contains(line.Hostnames, host) {
			if line.IP == ip.String() {
				return ""
			}
			return host + " stands for " + line.IP + " already, and the containers of a pod share /etc/hosts"
		}
	}
	for i := range r.spec.HostAliases {
		if r.spec.HostAliases[i].IP == ip.String() {
			r.spec.HostAliases[i].Hostnames = append(r.spec.HostAliases[i].Hostnames, host)
			return ""
		}
	}
	r.spec.HostAliases = append(r.spec.HostAliases, corev1.HostAlias{IP: ip.String(), Hostnames: []string{host}})
	return ""
}

func (r *renderer) extraHosts(c *container) {
	for i, h := range c.def.ExtraHosts {
		at := c.member("extraHosts").child(strconv.Itoa(i))
		ip, err := netip.ParseAddr(value(h.IpAddress))
		if err != nil {
			r.refuse(at, "ipAddress is no address")
			continue
		}
		if reason := r.alias(value(h.Hostname), ip); reason != "" {
			r.refuse(at, reason)
			continue
		}
		r.translated(at.child("hostname"), "/spec/hostAliases")
		r.translated(at.child("ipAddress"), "/spec/hostAliases")
	}
}

func (r *renderer) hostname(c *container) {
	name, at := value(c.def.Hostname), c.member("hostname")
	switch {
	case name == "":
	case r.spec.HostNetwork:
		r.refuse(at, "a pod with the node's network has the node's host name")
	case len(validation.IsDNS1123Label(name)) > 0:
		r.refuse(at, "the host name of a pod has at most 63 small letters, digits and hyphens")
	case r.spec.Hostname != "" && r.spec.Hostname != name:
		r.refuse(at, "another container has the host name "+r.spec.Hostname+", and the containers of a pod share it")
	default:
		r.spec.Hostname = name
		r.translated(at, "/spec/hostname")
	}
}

func (r *renderer) nameservers(c *container) {
	at := c.member("dnsServers")
	valid := !slices.ContainsFunc(c.def.DnsServers, notAddress)
	switch {
	case len(c.def.DnsServers) == 0:
	case !valid || len(c.def.DnsServers) > maxNameservers:
		r.refuse(at, "a pod has at most three DNS servers, by address")
	case len(r.resolver().Nameservers) > 0 && !slices.Equal(r.spec.DNSConfig.Nameservers, c.def.DnsServers):
		r.refuse(at, "another container has other DNS servers, and the containers of a pod share them")
	default:
		r.resolver().Nameservers = c.def.DnsServers
		r.spec.DNSPolicy = corev1.DNSNone
		r.translated(at, "/spec/dnsConfig/nameservers")
	}
}

func (r *renderer) searches(c *container) {
	at := c.member("dnsSearchDomains")
	valid := !slices.ContainsFunc(c.def.DnsSearchDomains, func(s string) bool { return len(validation.IsDNS1123Subdomain(s)) > 0 })
	switch {
	case len(c.def.DnsSearchDomains) == 0:
	case !valid || len(c.def.DnsSearchDomains) > maxSearches:
		r.refuse(at, "a pod has at most 32 search domains, each of which is a DNS name")
	case len(r.resolver().Searches) > 0 && !slices.Equal(r.spec.DNSConfig.Searches, c.def.DnsSearchDomains):
		r.refuse(at, "another container has other search domains, and the containers of a pod share them")
	default:
		r.resolver().Searches = c.def.DnsSearchDomains
		r.translated(at, "/spec/dnsConfig/searches")
	}
}

func (r *renderer) resolver() *corev1.PodDNSConfig {
	if r.spec.DNSConfig == nil {
		r.spec.DNSConfig = &corev1.PodDNSConfig{}
	}
	return r.spec.DNSConfig
}

func notAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err != nil
}
