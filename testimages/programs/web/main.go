// Command web is a small HTTP server that a test can ask about its container,
// make busy, and make unhealthy.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	check := flag.Bool("check", false, "ask the server of this container for its health, and exit by the answer")
	flag.Parse()
	address := "127.0.0.1:" + variable("PORT", "8080")
	if *check {
		if _, err := get(context.Background(), address, "/health"); err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := serve(); err != nil {
		log.Fatal(err)
	}
}

func serve() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	server := &http.Server{Addr: ":" + variable("PORT", "8080"), Handler: routes(), ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	log.Printf("web listens on %s", server.Addr)
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	log.Print("web stops")
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

func routes() http.Handler {
	var unhealthy atomic.Bool
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		if unhealthy.Load() {
			http.Error(w, "unhealthy", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "healthy")
	})
	mux.HandleFunc("POST /unhealthy", func(http.ResponseWriter, *http.Request) { unhealthy.Store(true) })
	mux.HandleFunc("POST /healthy", func(http.ResponseWriter, *http.Request) { unhealthy.Store(false) })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		host, err := os.Hostname()
		if err != nil {
			host = err.Error()
		}
		fmt.Fprintln(w, host)
	})
	mux.HandleFunc("GET /env", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(os.Environ()) })
	mux.HandleFunc("GET /peer", peer)
	mux.HandleFunc("GET /fetch", fetch)
	mux.HandleFunc("GET /burn", burn)
	return mux
}

// peer relays the answer of another container of the same task.
func peer(w http.ResponseWriter, r *http.Request) {
	answer, err := get(r.Context(), "127.0.0.1:"+variable("PEER_PORT", "9090"), "/")
	relay(w, answer, err)
}

// fetch relays the answer of any address that this container reaches.
func fetch(w http.ResponseWriter, r *http.Request) {
	answer, err := get(r.Context(), r.FormValue("address"), "/"+r.FormValue("path"))
	relay(w, answer, err)
}

func relay(w http.ResponseWriter, answer []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	_, _ = w.Write(answer)
}

// burn keeps one CPU busy for ?ms= milliseconds, a minute at most.
func burn(w http.ResponseWriter, r *http.Request) {
	ms, err := strconv.Atoi(r.FormValue("ms"))
	if err != nil || ms < 0 || ms > 60_000 {
		http.Error(w, "ms must be a number from 0 to 60000", http.StatusBadRequest)
		return
	}
	var rounds int
	for end := time.Now().Add(time.Duration(ms) * time.Millisecond); time.Now().Before(end); {
		rounds++
	}
	fmt.Fprintln(w, rounds)
}

func get(ctx context.Context, address, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Timeout: 3 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New(response.Status)
	}
	return body, err
}

func variable(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
