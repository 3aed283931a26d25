package localcluster

import "testing"

// TestFreePortsAreGivenOnce: what a port is found for listens on it much later.
func TestFreePortsAreGivenOnce(t *testing.T) {
	given := map[string]bool{}
	for range 1000 {
		address, err := FreeAddress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if given[address] {
			t.Fatalf("%s is given twice", address)
		}
		given[address] = true
	}
}
