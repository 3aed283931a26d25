package localcluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

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
		return checkUnified(cgroupRoot)
	}
	for _, controller := range neededControllers {
		var stat unix.Statfs_t
		err := unix.Statfs(filepath.Join(cgroupRoot, controller), &stat)
		if err != nil || stat.Type != unix.CGROUP_SUPER_MAGIC {
			return fmt.Errorf("no %s cgroup at %s: mount the cgroup hierarchy (`apt-get install cgroupfs-mount && cgroupfs-mount`), or `gantry up --simulated`", controller, cgroupRoot)
		}
	}
	return nil
}

// neededControllers are those without which the kubelet does not start.
var neededControllers = []string{"cpu", "memory", "pids"}

// checkUnified: version 2 hands controllers down only from a group that has no
// processes of its own. The root of the machine is exempt; the root that a
// container sees is not, and is known by its file cgroup.type (kernel
// documentation, cgroup-v2, "No Internal Process Constraint").
func checkUnified(root string) error {
	controllers, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return fmt.Errorf("read the cgroup controllers: %w", err)
	}
	for _, controller := range neededControllers {
		if !slices.Contains(strings.Fields(string(controllers)), controller) {
			return fmt.Errorf("the %s cgroup controller is not on in %s: turn it on, or `gantry up --simulated`", controller, root)
		}
	}
	if _, err := os.Stat(filepath.Join(root, "cgroup.type")); err != nil {
		return nil //nolint:nilerr // the machine's own root
	}
	processes, err := os.ReadFile(filepath.Join(root, "cgroup.procs"))
	if err != nil {
		return fmt.Errorf("read the processes of the cgroup: %w", err)
	}
	if len(strings.Fields(string(processes))) > 0 {
		return fmt.Errorf("this is a container, and the root of its cgroups holds processes: `mkdir -p %[1]s/init && for p in $(cat %[1]s/cgroup.procs); do echo $p > %[1]s/init/cgroup.procs; done`, or `gantry up --simulated`", root)
	}
	return nil
}

// cgroupsUnified tells version 2 of the hierarchy.
func cgroupsUnified() bool {
	var stat unix.Statfs_t
	return unix.Statfs(cgroupRoot, &stat) == nil && stat.Type == unix.CGROUP2_SUPER_MAGIC
}

// checkAlone refuses a machine that is the node of another Kubernetes: its
// kube-proxy and ours would write the same tables. A mark says that the tables
// are our own, left by a process that was killed.
func (p plan) checkAlone() error {
	if err := p.clearOther(); err != nil {
		return err
	}
	if dir, err := markedNode(); err != nil || dir == p.dir {
		return err
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
