// Package daemon makes of each Daemon a DaemonSet, and carries its deployments
// out: it stops the tasks of older revisions in batches, counts those that fail,
// and goes back to what ran before.
//
// It imports kube, translator and the custom resources. It must not know calls,
// nor how a pod is rendered: the Daemon has the templates.
package daemon
