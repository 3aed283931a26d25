// Package kubetest is an API server in memory, for tests that play thousands of
// steps in an order of their own: objects have versions, finalizers, merge patches
// and preconditions, watches show a change when the test says so, and a client
// dies at the write that the test names.
//
// It admits anything, and nothing lives in it: what an API server refuses is
// proved against a real one, in integration/api.
package kubetest
