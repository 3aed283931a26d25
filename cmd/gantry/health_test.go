package main

import "testing"

func TestLocalEndpoint(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:4566":  "http://127.0.0.1:4566",
		"0.0.0.0:80":      "http://127.0.0.1:80",
		":4566":           "http://127.0.0.1:4566",
		"[::]:4566":       "http://127.0.0.1:4566",
		"gantry.test:443": "http://gantry.test:443",
	} {
		if got := localEndpoint(listen); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}
