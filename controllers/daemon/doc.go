// Package daemon makes of each Daemon a DaemonSet, and carries its deployments
// out: it stops the tasks of older revisions in batches, counts those that fail,
// and goes back to what ran before.
//
// It imports kube, translator, the custom resources and awsapi/awsjson, which reads
// the ECS members in them. It must not know calls, nor how a pod is rendered: the
// Daemon has the templates.
package daemon
