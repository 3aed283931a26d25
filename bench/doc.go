// Command bench measures what Gantry adds to the work that it makes Kubernetes
// do. Most rows are ratios: a call to Gantry against the same work done directly
// with client-go, on the same API server, in the same run, both over HTTP from
// this process with warm connections, taken in turns. A ratio holds on a slow
// machine and on a fast one; the few absolute rows say that they are.
//
// Some rows are measured beside many objects: a place is then filled first, which
// takes minutes. -rows chooses rows by name, and a place is filled only for them.
//
// It may import localcluster, testimages, apis and the clients of both sides. It
// must not import the server: what is measured is the program that users run.
package main
