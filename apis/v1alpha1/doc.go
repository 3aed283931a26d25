// Package v1alpha1 holds Gantry's custom resources, group ecs.gantry.dev, and
// the label and annotation keys that Gantry writes on Kubernetes' own objects.
//
// Every kind is namespaced. Members named in ECS JSON (a definition, a request,
// a task) are kept as they came, unpruned, so that an older replica drops
// nothing that a newer one wrote. A published version changes only by adding
// optional fields.
//
// The package imports Kubernetes' API machinery alone and knows no ECS type.
//
// +kubebuilder:object:generate=true
// +groupName=ecs.gantry.dev
package v1alpha1

//go:generate go tool -modfile=../../tools/go.mod controller-gen object crd paths=. output:crd:dir=crds
