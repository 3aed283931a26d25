// Command ignores-sigterm runs until it is killed.
package main

import (
	"fmt"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	fmt.Println("ignores SIGTERM")
	for {
		time.Sleep(time.Hour)
	}
}
