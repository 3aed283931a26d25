// Package service brings services to what they ask for: it makes the deployments
// that a service's entries name, moves their counts within the service's limits,
// and writes what cannot be derived: events, rollout states, failed tasks.
//
// It imports kube, translator and the custom resources. It must not know how a
// task is stopped for its own reasons: the task controller does that.
package service
