// Package api tests the handlers and controllers together, in this process,
// against a real API server whose node is simulated: defaulting, admission,
// conflicts and finalizers are real, containers are not.
//
// It runs the conformance suite without the cases that need containers on
// several kinds of cluster, and what only white-box tests can reach.
package api
