package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/procfs"
)

// settle is how long the server is left alone before its memory is looked at.
const settle = 20 * time.Second

func idleMemory(ctx context.Context, _ options, p *place, res *result) error {
	if p.gantry == 0 {
		return errors.New("the process is not known")
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(settle):
	}
	process, err := procfs.NewProc(p.gantry)
	if err != nil {
		return fmt.Errorf("look at process %d: %w", p.gantry, err)
	}
	status, err := process.NewStatus()
	if err != nil {
		return fmt.Errorf("read the status of process %d: %w", p.gantry, err)
	}
	const mb = 1 << 20
	value := float64(status.VmRSS) / mb
	res.Value = &value
	res.Note = fmt.Sprintf("%.0f MB of it is the program's file, %d s after its start",
		float64(status.RssFile)/mb, int(settle.Seconds()))
	return nil
}
