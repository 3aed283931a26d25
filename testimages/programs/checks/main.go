// Command checks looks at its container: each argument is kind:subject=value,
// and it ends with 1 where one does not hold, saying what it saw.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
)

// kinds say what the value of a subject is.
var kinds = map[string]func(subject string) (string, error){
	"env":      func(name string) (string, error) { return os.Getenv(name), nil },
	"file":     text,
	"hostname": func(string) (string, error) { return os.Hostname() },
	"pid":      func(string) (string, error) { return strconv.FormatBool(os.Getpid() == 1), nil },
	// host: what a name stands for in /etc/hosts.
	"host": func(name string) (string, error) { return column("/etc/hosts", name, 1, 0) },
	// mount: the type of the file system at a path.
	"mount": func(path string) (string, error) { return column("/proc/mounts", path, 1, 2) },
	// resolver: the first value of a keyword.
	"resolver": func(keyword string) (string, error) { return column("/etc/resolv.conf", keyword, 0, 1) },
	// status: a line of what the kernel says of the process.
	"status": func(name string) (string, error) { return column("/proc/self/status", name+":", 0, 1) },
}

func main() {
	failed := false
	for _, arg := range os.Args[1:] {
		kind, rest, _ := strings.Cut(arg, ":")
		subject, want, _ := strings.Cut(rest, "=")
		look, known := kinds[kind]
		if !known {
			log.Fatalf("%s: no such kind", arg)
		}
		got, err := look(subject)
		if err != nil || got != want {
			log.Printf("%s: it is %q %v", arg, got, err)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

func text(path string) (string, error) {
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}

// column finds the line with a word in one column, and gives another.
func column(path, word string, at, of int) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		for i, field := range fields {
			if field == word && (i == at || path == "/etc/hosts" && i > 0) && len(fields) > of {
				return fields[of], nil
			}
		}
	}
	return "", fmt.Errorf("%s has no %s", path, word)
}
