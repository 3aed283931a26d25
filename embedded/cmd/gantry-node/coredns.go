package main

import (
	_ "github.com/coredns/coredns/core/plugin" // every plugin a Corefile may name
	"github.com/coredns/coredns/coremain"
)

func runCoreDNS() { coremain.Run() }
