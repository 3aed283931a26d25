// Command eats-memory takes memory until it is killed for it.
package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	const bite = 4 << 20
	var eaten [][]byte
	for {
		block := make([]byte, bite)
		for i := 0; i < len(block); i += os.Getpagesize() {
			block[i] = 1
		}
		eaten = append(eaten, block)
		fmt.Println("ate", len(eaten)*bite>>20, "MB")
		time.Sleep(10 * time.Millisecond)
	}
}
