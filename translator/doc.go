// Package translator says how Amazon ECS maps to Kubernetes: ECS types go in,
// Kubernetes objects and findings come out, and a pod's state goes back to ECS's
// words.
//
// It is pure: no I/O, no clock, no client, no log. Every feature of a task
// definition is a file that holds its translation and the classification of its
// fields; fields.go lists the features. A field that no feature classifies fails
// a test, and is refused at run time.
//
// The package imports the SDK's types and awsapi/awsjson, which reads and writes
// them, Kubernetes' API types, apis/v1alpha1, arn and clusterquery. It must not know who calls it, where objects are stored, or how they are named.
package translator
