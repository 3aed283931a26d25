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
	dnsLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
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
	if len(name) <= maxLabel && dnsLabel.MatchString(name) && !hashed.MatchString(name) {
		return name
	}
	return hashedLabel(name)
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
