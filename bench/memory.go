package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/procfs"
)

// settle is how long the server is left alone before its memory is looked at.
const settle = 20 * time.Second

func idleMemory(ctx context.Context, _ options, p *place, res *result) error {
	if err := pause(ctx, settle); err != nil {
		return err
	}
	used, err := p.gantry.memory()
	if err != nil {
		return err
	}
	res.Value = &used.resident
	res.Note = fmt.Sprintf("%.0f MB of it is the program's file, %d s after its start", used.file, int(settle.Seconds()))
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// memory is what a process has in memory, and the part of it that is its file, in MB.
type memory struct{ resident, file float64 }

const mb = 1 << 20

func (s *served) memory() (memory, error) {
	process, err := procfs.NewProc(s.process.Pid)
	if err != nil {
		return memory{}, fmt.Errorf("look at process %d: %w", s.process.Pid, err)
	}
	status, err := process.NewStatus()
	if err != nil {
		return memory{}, fmt.Errorf("read the status of process %d: %w", s.process.Pid, err)
	}
	return memory{float64(status.VmRSS) / mb, float64(status.RssFile) / mb}, nil
}
