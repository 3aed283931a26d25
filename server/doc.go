// Package server is the process behind `gantry serve`: one context, one store,
// one HTTP server, the records on every replica and the controllers in a
// leader's term.
//
// It imports awsapi, handlers, controllers and kube, and wires them; translator and
// the custom resources to find out what the API server can hold. It must not know
// what an operation does.
package server
