package localcluster

import "syscall"

// childAttributes: a child dies with this process even when that is killed,
// and a Ctrl-C in the terminal reaches this process alone.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
