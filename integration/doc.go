// Package integration proves Gantry's promises on a real node: a real kubelet,
// real containers, the AWS CLI and the Go SDK with their own waiters.
//
// It holds tests alone. TestMain starts a cluster of its own, builds and loads
// the images of testimages, and runs `gantry serve` in front of it. The tests use
// Gantry from outside, as a user does: through its API, and through Kubernetes'
// where what they check is what Kubernetes shows.
//
// With GANTRY_TEST_REUSE=1 they use the cluster that runs in the default state
// directory; it must have been started by `gantry up --kubernetes-only`.
// With GANTRY_SOAK=1 the rounds of kills and races are hundreds.
package integration
