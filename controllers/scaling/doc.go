// Package scaling carries out the scalable targets of Application Auto Scaling:
// it keeps a HorizontalPodAutoscaler on the scale subresource of each service
// that has target tracking policies, moves a service into the range of a
// registration, and records the scaling activities.
//
// It imports kube, the rules of Application Auto Scaling, the codec in which
// policies are stored and the custom resources. It must not know how a service's
// tasks are made and stopped: it writes a desired count and no more.
package scaling
