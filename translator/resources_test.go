package translator

import "testing"

func TestParseSizes(t *testing.T) {
	for _, tt := range []struct {
		text   string
		parse  func(string) (int64, bool)
		amount int64
		ok     bool
	}{
		{"256", cpuUnits, 256, true},
		{"1 vCPU", cpuUnits, 1024, true},
		{".25 vcpu", cpuUnits, 256, true},
		{"0.5vCPU", cpuUnits, 512, true},
		{"1024", mebibytes, 1024, true},
		{"1GB", mebibytes, 1024, true},
		{"0.5 gb", mebibytes, 512, true},
		{"", cpuUnits, 0, false},
		{"0", cpuUnits, 0, false},
		{"-256", cpuUnits, -256, false},
		{"1e9 vCPU", cpuUnits, 0, false},
		{"99999999999999", mebibytes, 0, false},
		{"1 TB", mebibytes, 0, false},
	} {
		if amount, ok := tt.parse(tt.text); ok != tt.ok || (ok && amount != tt.amount) {
			t.Errorf("%q is %d, %t, want %d, %t", tt.text, amount, ok, tt.amount, tt.ok)
		}
	}
}
