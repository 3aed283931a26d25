// Package handlers serves the operations: one method an operation, one file a
// resource. A method validates its input, reads and writes through kube, and
// answers with the SDK's own types.
//
// It imports awsapi for the caller, taskdef and scaling for ECS's rules,
// translator, kube and the custom resources. It must not know how a request was
// read or an answer is written.
package handlers
