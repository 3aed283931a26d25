// Package localcluster runs a Kubernetes cluster on this machine from the
// programs beside it: it writes certificates and configuration, starts the
// components in order, waits until each answers, starts again what dies, and
// takes everything away at the end.
//
// Three shapes exist. The full one has a kubelet and containers (Linux, root).
// The simulated one has a node that only pretends to run pods. The control
// plane alone serves tests that need nothing but an API server; any number of
// these run beside each other and beside a full cluster.
//
// The package may import client-go and small system libraries. It must not
// import the source of Kubernetes' components, and must not know what Gantry
// does with the cluster: a program that runs beside the cluster is handed in
// as a Component.
package localcluster
