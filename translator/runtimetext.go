package translator

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// cannotStart begins what is said of a container that could not be started.
const cannotStart = "CannotStartContainerError: "

// noRuntimeTask begins containerd's words on a container that it could not start.
const noRuntimeTask = "failed to create containerd task: "

// startText puts containerd's words as they come through Fargate's agent (texts in
// public reports), and through Docker on EC2; both end with containerd's class of
// error, which the kubelet leaves out.
func (f *facts) startText(message string) string {
	cause, ok := strings.CutPrefix(message, noRuntimeTask)
	if !ok {
		return message
	}
	cause = strings.TrimSuffix(cause, ": unknown") + ": unknown"
	if f.fargate {
		return "ResourceInitializationError: failed to create new container runtime task: " + cause
	}
	return "Error response from daemon: failed to create task for container: " + cause
}

// unresolved matches containerd's words: it named the reference twice before 2.0,
// once since.
var unresolved = regexp.MustCompile(`(?s)image "([^"]+)": failed to resolve (?:reference|image)(?: "[^"]+")?: (.*)$`)

// pullText turns the kubelet's words into the form that ECS gives them. On Fargate
// that is "pull image manifest has been retried 1 time(s): failed to resolve ref
// <image>: <the registry's answer>" (recorded), on EC2 Docker's.
func (f *facts) pullText(w *corev1.ContainerStateWaiting) string {
	m := unresolved.FindStringSubmatch(w.Message)
	switch {
	case m == nil && w.Message == "":
		return w.Reason
	case m == nil:
		return w.Message
	case f.fargate:
		return fmt.Sprintf("pull image manifest has been retried 1 time(s): failed to resolve ref %s: %s", m[1], m[2])
	case strings.HasSuffix(m[2], "not found"):
		return fmt.Sprintf("Error response from daemon: manifest for %s not found: manifest unknown: manifest unknown", m[1])
	}
	return "Error response from daemon: " + m[2]
}
