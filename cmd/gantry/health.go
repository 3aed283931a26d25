package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// newHealthCommand is the image's HEALTHCHECK: the image has no shell and no curl.
func newHealthCommand() *cobra.Command {
	var endpoint string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Exit 0 if the server at an endpoint is ready",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client := &http.Client{Timeout: 2 * time.Second}
			req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, endpoint+"/readyz", http.NoBody)
			if err != nil {
				return fmt.Errorf("make request: %w", err)
			}
			resp, err := client.Do(req)
			if err != nil {
				return fmt.Errorf("ask %s: %w", endpoint, err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("%s is not ready: %s", endpoint, resp.Status)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&endpoint, "endpoint", localEndpoint(listenAddress()), "where the server listens")
	return cmd
}

// localEndpoint is how a server that listens on an address is reached from its
// own host: one that listens everywhere listens on loopback too.
func localEndpoint(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "http://" + listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}
