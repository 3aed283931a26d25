package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// hugePages is where Linux says who gets huge pages; the choice is in brackets
// (Linux, Documentation/admin-guide/mm/transhuge.rst).
const hugePages = "/sys/kernel/mm/transparent_hugepage/enabled"

// adviseHugePages says, before the first build, that it takes longer than it
// has to: the Go compiler does not ask for huge pages, and without them a virtual
// machine spends a third of the time on page faults. Debian's kernel gives them to
// all. The setting is the whole machine's, so it stays the user's to change.
func adviseHugePages(to io.Writer, out string) {
	if _, err := os.Stat(filepath.Join(out, "gantry-node")); err == nil {
		return
	}
	setting, err := os.ReadFile(hugePages)
	if err != nil || strings.Contains(string(setting), "[always]") {
		return
	}
	_, _ = fmt.Fprintf(to, "this compiles all of Kubernetes; it takes a third less where %s is \"always\", as on Debian's kernel\n", hugePages)
}
