package localcluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"
)

// process is one running program of a component.
type process struct {
	cmd    *exec.Cmd
	log    io.Closer
	exited chan struct{}
	err    error // valid when exited is closed
}

// The kernel ties a child's parent-death signal to the thread that started it,
// not to the process. All children are therefore started from one thread that
// lives as long as this process.
var startThread = sync.OnceValue(func() chan func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
})

// startProcess starts a component's program with its output in a log file of
// bounded size.
func startProcess(c Component, logPath string) (*process, error) {
	log := lossyLog{&lumberjack.Logger{Filename: logPath, MaxSize: 20, MaxBackups: 1}}
	cmd := exec.Command(c.Command[0], c.Command[1:]...) //nolint:noctx // the supervisor stops it by signal, in order
	cmd.Env = append(append(os.Environ(), environment()...), c.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	cmd.WaitDelay = time.Second
	p := &process{cmd: cmd, log: log, exited: make(chan struct{})}
	started := make(chan error)
	startThread() <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", c.Command[0], err), log.Close())
	}
	go func() {
		p.err = cmd.Wait()
		if errors.Is(p.err, exec.ErrWaitDelay) {
			p.err = nil // a grandchild kept the pipe; the program itself ended well
		}
		_ = p.log.Close()
		close(p.exited)
	}()
	return p, nil
}

// lossyLog drops what cannot be written. Told of the error, os/exec would close the
// program's output, and its next line would kill it: on a full disk all components
// would end, the kubelet too, which makes room.
type lossyLog struct{ io.WriteCloser }

func (l lossyLog) Write(line []byte) (int, error) {
	_, _ = l.WriteCloser.Write(line)
	return len(line), nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop asks the program to end and kills it when it has not after grace.
func (p *process) stop(grace time.Duration) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
		return
	case <-time.After(grace):
	}
	_ = p.cmd.Process.Kill()
	<-p.exited
}

// waitReady asks until the component answers, its program ends, or the time is over.
func (p *process) waitReady(parent context.Context, c Component, limit time.Duration) error {
	if c.Ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(parent, limit)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	var last error
	for {
		attempt, cancelAttempt := context.WithTimeout(ctx, 5*time.Second)
		err := c.Ready(attempt)
		cancelAttempt()
		if err == nil {
			return nil
		}
		if ctx.Err() == nil || last == nil {
			last = err
		}
		select {
		case <-p.exited:
			return fmt.Errorf("it ended: %s", p.cmd.ProcessState)
		case <-ctx.Done():
			if parent.Err() != nil {
				return parent.Err()
			}
			return fmt.Errorf("no answer within %s: %w", limit, last)
		case <-ticker.C:
		}
	}
}

// LastLines reads the end of a log.
func LastLines(path string, n int) []string {
	const tail = 8 << 10
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > tail {
		if _, err := f.Seek(-tail, io.SeekEnd); err != nil {
			return nil
		}
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return lines
}
