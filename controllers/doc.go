// Package controllers lists the controllers and runs them: the recorder on every
// replica for as long as the process lives, the others for one term of a leader.
//
// It imports its subpackages, kube and controller-runtime. It must not know what
// a controller does.
package controllers
