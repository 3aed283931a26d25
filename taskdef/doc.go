// Package taskdef holds ECS's own rules for task definitions: what
// RegisterTaskDefinition refuses and with which words (Validate), what it fills
// in and computes (New), and how a task definition is named in a request
// (ParseReference).
//
// It is pure: no I/O, no clock, no client. It may import the SDK's types,
// clusterquery and nothing else of this project; it must not know Kubernetes, storage, revisions
// or callers. What a pod cannot do is the translator's affair: here a task
// definition is refused only where ECS itself refuses it.
package taskdef
