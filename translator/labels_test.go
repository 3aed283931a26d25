package translator

import (
	"strings"
	"testing"
)

func TestLabel(t *testing.T) {
	for _, tt := range []struct{ name, want string }{
		{"web", "web"},
		{"web-1", "web-1"},
		{"Web", "web-2975104784"},
		{"web_app", "web-app-253bafb100"},
		{"---", "x-cb3f91d54e"},
		{"web-f532f07b74", "web-f532f07b74-b97269e74a"},
	} {
		if got := ContainerName(tt.name); got != tt.want {
			t.Errorf("ContainerName(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
	long := strings.Repeat("a", 255)
	if got := ContainerName(long); len(got) != maxLabel || !isLabel(got) {
		t.Errorf("ContainerName of 255 letters is %q", got)
	}
	if VolumeName(tokenVolume) == tokenVolume {
		t.Errorf("a volume of the user's takes the name %s of Gantry's", tokenVolume)
	}
}
