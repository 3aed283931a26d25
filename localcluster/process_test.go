package localcluster

import (
	"errors"
	"os/exec"
	"testing"
)

type fullDisk struct{ written int }

func (d *fullDisk) Write([]byte) (int, error) {
	d.written++
	return 0, errors.New("no space left on device")
}

func (*fullDisk) Close() error { return nil }

// TestFullDiskKillsNoComponent: what a program says is lost, and it goes on.
func TestFullDiskKillsNoComponent(t *testing.T) {
	disk := &fullDisk{}
	cmd := exec.Command("sh", "-c", "yes | head -c 1000000") // more than pipes hold
	cmd.Stdout = lossyLog{disk}
	if err := cmd.Run(); err != nil || disk.written < 2 {
		t.Errorf("it ended with %v after %d writes", err, disk.written)
	}
}
