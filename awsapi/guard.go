package awsapi

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// guard keeps web pages from calling the API: one that a browser loaded from
// elsewhere, and one whose name was made to resolve to our address.
type guard struct {
	hosts  map[string]bool
	origin *http.CrossOriginProtection
}

func newGuard(allowed []string) *guard {
	g := &guard{hosts: map[string]bool{"localhost": true}, origin: http.NewCrossOriginProtection()}
	for _, h := range allowed {
		g.hosts[strings.ToLower(h)] = true
	}
	return g
}

func (g *guard) check(r *http.Request) *protocolError {
	if !g.hostAllowed(r.Host) {
		return newProtocolError(http.StatusMisdirectedRequest, "MisdirectedRequestException",
			"The host name in the request is not one that Gantry answers to.")
	}
	if err := g.origin.Check(r); err != nil {
		return newProtocolError(http.StatusForbidden, "AccessDeniedException",
			"Requests from web pages of another origin are refused.")
	}
	return nil
}

// hostAllowed lets any IP address pass: an attacker's page can only come in
// under a name that he controls, and probes come to a pod's address.
func (g *guard) hostAllowed(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if g.hosts[host] || strings.HasSuffix(host, ".localhost") {
		return true
	}
	_, err = netip.ParseAddr(host)
	return err == nil
}
