// Package scaling holds Application Auto Scaling's own rules for ECS services:
// what its operations refuse and with which words, the identifiers and defaults
// it makes up, and the texts of scaling activities.
//
// It is pure: no I/O, no clock, no client. It may import the SDK's types, the partitions and
// nothing else of this project; it must not know Kubernetes, storage or how a
// policy is carried out.
package scaling
