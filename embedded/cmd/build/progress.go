package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

// progress shows how far a build is: `go build -v` names each package that it
// compiles.
type progress struct {
	title string
	live  bool
	began time.Time

	compiled int
	fetched  int
	shown    time.Time
}

// plainEvery is how often a build speaks where nobody may be looking.
const plainEvery = 20 * time.Second

func newProgress(title string) *progress {
	info, err := os.Stdout.Stat()
	live := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("CI") == "" && os.Getenv("NO_COLOR") == ""
	now := time.Now()
	return &progress{title: title, live: live, began: now, shown: now}
}

// follow reads the compiler's words to their end and keeps the last of them,
// which matter when it fails.
func (p *progress) follow(lines *bufio.Scanner) []string {
	var last []string
	for lines.Scan() {
		line := lines.Text()
		last = append(last, line)
		if len(last) > 30 {
			last = last[1:]
		}
		if strings.HasPrefix(line, "go: downloading") {
			p.fetched++
		} else {
			p.compiled++
		}
		p.show(line)
	}
	return last
}

func (p *progress) show(line string) {
	every := plainEvery
	if p.live {
		every = 100 * time.Millisecond
	}
	if time.Since(p.shown) < every {
		return
	}
	p.shown = time.Now()
	text := fmt.Sprintf("… %s %4.0fs, %d modules fetched, %d packages compiled", p.title, time.Since(p.began).Seconds(), p.fetched, p.compiled)
	if !p.live {
		fmt.Println(text)
		return
	}
	if len(line) > 40 {
		line = line[:40]
	}
	fmt.Print("\r\x1b[2K", text, "  ", line)
}

func (p *progress) done(took time.Duration) {
	if p.live {
		fmt.Print("\r\x1b[2K")
	}
	fmt.Printf("✓ %-50s %5.0fs\n", p.title, took.Seconds())
}
