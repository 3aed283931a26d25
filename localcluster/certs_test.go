package localcluster

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestIssuedCertificatesVerifyForTheirUseOnly(t *testing.T) {
	dir := t.TempDir()
	ca, err := openAuthority(dir, "ca")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.cert)
	for _, c := range []struct {
		leaf           leaf
		host           string
		server, client bool
	}{
		{leaf{name: "server", commonName: "s", hosts: []string{"10.99.0.1", "localhost"}}, "10.99.0.1", true, false},
		{leaf{name: "named", commonName: "s", hosts: []string{"10.99.0.1", "localhost"}}, "localhost", true, false},
		{leaf{name: "other", commonName: "s", hosts: []string{"localhost"}}, "example.com", false, false},
		{leaf{name: "client", commonName: "system:node:x", organizations: []string{"system:nodes"}}, "", false, true},
		{leaf{name: "peer", commonName: "etcd", hosts: []string{"127.0.0.1"}, peer: true}, "127.0.0.1", true, true},
	} {
		if err := ca.issue(c.leaf); err != nil {
			t.Fatal(err)
		}
		cert, _, err := readPair(dir, c.leaf.name)
		if err != nil {
			t.Fatal(err)
		}
		verify := func(host string, usage x509.ExtKeyUsage) bool {
			_, err := cert.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{usage}, CurrentTime: time.Now()})
			return err == nil
		}
		if got := verify(c.host, x509.ExtKeyUsageServerAuth); got != c.server {
			t.Errorf("%s as the server %q: %t, want %t", c.leaf.name, c.host, got, c.server)
		}
		if got := verify("", x509.ExtKeyUsageClientAuth); got != c.client {
			t.Errorf("%s as a client: %t, want %t", c.leaf.name, got, c.client)
		}
		if diff := cmp.Diff(c.leaf.organizations, cert.Subject.Organization); diff != "" {
			t.Errorf("%s: groups:\n%s", c.leaf.name, diff)
		}
	}
}

func TestAuthorityIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := openAuthority(dir, "ca")
	if err != nil {
		t.Fatal(err)
	}
	again, err := openAuthority(dir, "ca")
	if err != nil {
		t.Fatal(err)
	}
	if !first.cert.Equal(again.cert) || !first.key.Equal(again.key) {
		t.Error("a second start made another authority")
	}
}
