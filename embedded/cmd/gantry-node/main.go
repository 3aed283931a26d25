// Command gantry-node is every part of a Kubernetes cluster in one binary, so
// that the libraries of Kubernetes are compiled and linked once. The part is
// chosen by the name it is called by (a symbolic link) or by its first argument:
//
//	gantry-node kube-apiserver --help
//
// It knows nothing of Gantry: flags and files come from whoever starts it.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// parts are the programs that this binary can be; each reads os.Args as if it
// were alone.
var parts = map[string]func(){
	"etcd":                    runEtcd,
	"kube-apiserver":          runAPIServer,
	"kube-controller-manager": runControllerManager,
	"kube-scheduler":          runScheduler,
	"kubelet":                 runKubelet,
	"kube-proxy":              runProxy,
	"metrics-server":          runMetricsServer,
	"coredns":                 runCoreDNS,
	"containerd":              runContainerd,
	"ctr":                     runCtr,
}

func main() {
	if run, ok := parts[filepath.Base(os.Args[0])]; ok {
		run()
		return
	}
	if len(os.Args) > 1 {
		if run, ok := parts[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			run()
			return
		}
	}
	names := strings.Join(slices.Sorted(maps.Keys(parts)), ", ")
	fmt.Fprintf(os.Stderr, "usage: gantry-node PART [flags]\nPART is one of %s\n", names)
	os.Exit(2)
}
