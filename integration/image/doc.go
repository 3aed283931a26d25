// Package image tests the container image: it builds the Dockerfile's final
// stage around a program built here, runs it with testcontainers-go in a Docker
// daemon of its own, points it at an API server, and calls it with the SDK.
//
// It holds tests alone and imports localcluster, apis and the clients. No
// registry is needed: the final stage begins from scratch.
package image
