package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// killContainer kills the processes of a task's container, as a crash would.
func (s *scene) killContainer(task, container string) {
	s.Helper()
	for _, c := range s.task(task).Containers {
		if aws.ToString(c.Name) == container {
			s.killRuntime(aws.ToString(c.RuntimeId))
			return
		}
	}
	s.Fatalf("task %s has no container %s", task, container)
}

// killRuntime kills what runs in the cgroup of a container.
func (s *scene) killRuntime(id string) {
	s.Helper()
	if id == "" {
		s.Fatal("the container has no runtime id")
	}
	killed := 0
	processes, err := filepath.Glob("/proc/[0-9]*")
	s.ok(err, "list processes")
	for _, process := range processes {
		group, err := os.ReadFile(filepath.Join(process, "cgroup"))
		if err != nil || !strings.Contains(string(group), id) {
			continue // it has ended, or is another's
		}
		pid, err := strconv.Atoi(filepath.Base(process))
		s.ok(err, "read process id")
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	if killed == 0 {
		s.Fatalf("no process runs in container %s", id)
	}
}
