package translator

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

const (
	maxLabel   = 63
	hashDigits = 10
)

var (
	hashed   = regexp.MustCompile(`-[0-9a-f]{10}$`)
	notLabel = regexp.MustCompile(`[^a-z0-9]+`)
)

// ContainerName is the name of the Kubernetes container of an ECS container.
func ContainerName(name string) string {
	return label(name)
}

// VolumeName is the name of the Kubernetes volume of an ECS volume; the name of
// Gantry's own volume is kept free.
func VolumeName(name string) string {
	if name == tokenVolume {
		return hashedLabel(name)
	}
	return label(name)
}

// label makes a DNS label of a name inside a pod: itself where it is one, else a
// readable part and a hash. A name that looks hashed is hashed, so that no two
// names give one label.
func label(name string) string {
	if isLabel(name) && !(len(name) > hashDigits && name[len(name)-hashDigits-1] == '-' && hashed.MatchString(name)) {
		return name
	}
	return hashedLabel(name)
}

// isLabel says whether a name is a DNS label (RFC 1123). Every look at a pod
// asks, so it is a loop and no regular expression.
func isLabel(name string) bool {
	if name == "" || len(name) > maxLabel || name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func hashedLabel(name string) string {
	return slug(name, maxLabel-hashDigits-1) + "-" + hashOf(name)
}

// slug is the readable part of a name.
func slug(name string, limit int) string {
	readable := strings.Trim(notLabel.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if len(readable) > limit {
		readable = strings.TrimRight(readable[:limit], "-")
	}
	if readable == "" {
		return "x"
	}
	return readable
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:hashDigits]
}
