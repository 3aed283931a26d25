package integration

import (
	"io"
	"net"
	"net/http"
	"strings"
)

const webPort = "8080"

// get asks the web program of a pod.
func (s *scene) get(address, path string) string {
	s.Helper()
	answer, err := direct.Get("http://" + net.JoinHostPort(address, webPort) + path)
	s.ok(err, "GET "+path)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	s.ok(err, "read the answer of "+path)
	if answer.StatusCode != http.StatusOK {
		s.Fatalf("GET %s: %s %s", path, answer.Status, body)
	}
	return strings.TrimSpace(string(body))
}

func (s *scene) post(address, path string) {
	s.Helper()
	answer, err := direct.Post("http://"+net.JoinHostPort(address, webPort)+path, "", nil)
	s.ok(err, "POST "+path)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.Fatalf("POST %s: %s", path, answer.Status)
	}
}
