package localcluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Some files land outside the state directory, since the programs that write
// them have no setting for the place.
const (
	logLinks       = "/var/log/containers"
	addressResults = "/var/lib/cni/results"
	devicePlugins  = "/var/lib/kubelet/device-plugins"
)

// removeStrays takes those files away, and their folders where nothing else is
// in them.
func (p plan) removeStrays() error {
	err := errors.Join(p.removeLogLinks(), removeAddressResults(), removeIfThere(filepath.Join(devicePlugins, "kubelet.sock")))
	for _, dir := range []string{logLinks, addressResults, filepath.Dir(addressResults), devicePlugins, filepath.Dir(devicePlugins)} {
		_ = os.Remove(dir) // refused where other files are in it
	}
	return err
}

// removeLogLinks: the kubelet links each container's log by a readable name.
func (p plan) removeLogLinks() error {
	links, err := filepath.Glob(logLinks + "/*.log")
	if err != nil {
		return fmt.Errorf("list %s: %w", logLinks, err)
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err == nil && strings.HasPrefix(target, p.dir+"/") {
			if err := removeIfThere(link); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeAddressResults: the library of the network plugins remembers what it
// gave to each sandbox, by the name of the network and the sandbox's id.
func removeAddressResults() error {
	results, err := filepath.Glob(addressResults + "/gantry-*-eth0")
	if err != nil {
		return fmt.Errorf("list %s: %w", addressResults, err)
	}
	for _, result := range results {
		id := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(result), "gantry-"), "-eth0")
		if err := errors.Join(removeIfThere(result), removeIfThere(filepath.Join(addressResults, "cni-loopback-"+id+"-lo"))); err != nil {
			return err
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !notExist(err) {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return nil
}
