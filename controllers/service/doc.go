// Package service brings services to what they ask for: it makes the deployments
// that a service's entries name, moves their counts within the service's limits,
// and writes what cannot be derived: events, rollout states, failed tasks.
//
// It imports kube, translator, the custom resources and awsapi/awsjson, which reads
// the ECS members in them. It must not know how a task is stopped for its own
// reasons: the task controller does that.
package service
