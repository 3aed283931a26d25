// Command exits ends with the exit code of its first argument, or of
// $EXIT_CODE, after the time in $AFTER.
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"time"
)

func main() {
	text := os.Getenv("EXIT_CODE")
	if len(os.Args) > 1 {
		text = os.Args[1]
	}
	if text == "" {
		text = "0"
	}
	code, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	if after := os.Getenv("AFTER"); after != "" {
		wait, err := time.ParseDuration(after)
		if err != nil {
			log.Fatal(err)
		}
		time.Sleep(wait)
	}
	fmt.Println("exits with", code)
	os.Exit(code)
}
