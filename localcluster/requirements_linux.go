package localcluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

// checkRequirements fails with all that a node needs and this machine lacks,
// each with what to do about it.
func checkRequirements() error {
	var missing []error
	if os.Geteuid() != 0 {
		missing = append(missing, errors.New("a node needs root: run as root, or `gantry up --simulated` for a node that runs no containers"))
	}
	if err := checkCgroups(); err != nil {
		missing = append(missing, err)
	}
	for program, debian := range map[string]string{"nft": "nftables", "iptables": "iptables"} {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Errorf("%s is not installed: `apt-get install %s`", program, debian))
		}
	}
	return errors.Join(missing...)
}

func checkCgroups() error {
	if cgroupsUnified() {
		return nil
	}
	for _, controller := range []string{"cpu", "memory", "pids"} {
		var stat unix.Statfs_t
		err := unix.Statfs(filepath.Join(cgroupRoot, controller), &stat)
		if err != nil || stat.Type != unix.CGROUP_SUPER_MAGIC {
			return fmt.Errorf("no %s cgroup at %s: mount the cgroup hierarchy (`apt-get install cgroupfs-mount && cgroupfs-mount`), or `gantry up --simulated`", controller, cgroupRoot)
		}
	}
	return nil
}

// cgroupsUnified tells version 2 of the hierarchy.
func cgroupsUnified() bool {
	var stat unix.Statfs_t
	return unix.Statfs(cgroupRoot, &stat) == nil && stat.Type == unix.CGROUP2_SUPER_MAGIC
}

// checkAlone refuses a machine that is the node of another Kubernetes: its
// kube-proxy and ours would write the same tables. State that is there says
// that the tables are our own, left by a process that was killed.
func (p plan) checkAlone() error {
	if _, err := p.readState(); err == nil {
		return nil
	}
	if !tableExists("kube-proxy") {
		return nil
	}
	return errors.New("another Kubernetes node runs on this machine (there is an nftables table kube-proxy): stop it, or take its rests away with `nft delete table ip kube-proxy`, or use that cluster: `gantry serve --kubeconfig FILE`")
}

// raiseOpenFiles gives the components all the open files that this machine
// allows.
func raiseOpenFiles() {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) == nil && limit.Cur < limit.Max {
		limit.Cur = limit.Max
		_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
	}
}
