// Command gantry is the one program that users install: the server, the local
// cluster, and the tools around them. It holds flags and wiring, one file a
// subcommand; what a subcommand does is in the other packages, all of which it
// may import.
package main
