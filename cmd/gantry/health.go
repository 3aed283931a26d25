package main

import (
	"fmt"
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
	cmd.Flags().StringVar(&endpoint, "endpoint", "http://"+defaultListen, "where the server listens")
	return cmd
}
