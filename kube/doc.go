// Package kube is the door to Kubernetes: it derives the names of objects,
// watches Gantry's own objects into indexed collections that show a caller its
// own writes, and writes objects.
//
// It may import the custom resources' types and Kubernetes' client libraries. It
// must not know ECS's API types or what an operation means.
package kube
