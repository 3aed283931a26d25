// Command prints-args prints its arguments, environment, working directory and
// user as JSON.
package main

import (
	"encoding/json"
	"log"
	"os"
)

func main() {
	directory, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	err = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"args": os.Args[1:], "env": os.Environ(), "directory": directory, "user": os.Getuid(), "group": os.Getgid(),
	})
	if err != nil {
		log.Fatal(err)
	}
}
