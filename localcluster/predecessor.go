package localcluster

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	sysprocess "github.com/shirou/gopsutil/v4/process"
)

// killLimit is how long what was killed may take to go away.
const killLimit = 5 * time.Second

// clearProcesses ends the components of a predecessor that was killed. On Linux
// they end with it, elsewhere they run on.
func (p plan) clearProcesses() error {
	previous, err := p.readState()
	if err != nil {
		return nil //nolint:nilerr // no predecessor, or none that can be known
	}
	for _, component := range previous.Components {
		process := p.own(component)
		if process == nil || component.PID == os.Getpid() {
			continue
		}
		if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("end %s (process %d) of an earlier run: %w", component.Name, component.PID, err)
		}
		err := soon(killLimit, func() (bool, error) { return p.own(component) == nil, nil })
		if err != nil {
			return fmt.Errorf("wait for the end of %s (process %d) of an earlier run: %w", component.Name, component.PID, err)
		}
	}
	return nil
}

// own is the component's process, or nil where it is gone. A process id may have
// been given to another program since: the command line of each component names
// the state directory, and that of one that has ended is empty.
func (p plan) own(component componentRecord) *sysprocess.Process {
	process, err := sysprocess.NewProcess(int32(component.PID)) //nolint:gosec // process ids are that small
	if err != nil {
		return nil
	}
	command, err := process.CmdlineSlice()
	if err != nil || !slices.ContainsFunc(command, func(argument string) bool { return strings.Contains(argument, p.dir+"/") }) {
		return nil
	}
	return process
}
