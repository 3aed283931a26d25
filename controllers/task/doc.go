// Package task follows the tasks' pods: it writes the record of each that stops
// and lets its pod go, stops those that a rule says must stop, and removes what
// has been kept long enough.
//
// It imports kube, translator, the custom resources and awsapi/awsjson, which reads
// the ECS members in them. It must not know what a service wants: which task is
// too many is the service controller's business.
package task
