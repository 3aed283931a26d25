package main

import (
	"github.com/coredns/coredns/coremain"
	// The plugins that localcluster's Corefile names. All that CoreDNS has would
	// bring three clouds' SDKs and a tracer: a tenth of what is compiled.
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/loadbalance"
	_ "github.com/coredns/coredns/plugin/ready"
)

func runCoreDNS() { coremain.Run() }
