package localcluster

import (
	"os"
	"strings"
)

// NoProxy is the list of this cluster's own addresses, added to what the
// environment has already: on a machine that reaches the outside through a
// proxy, the cluster's components must still reach one another directly.
func NoProxy() string {
	own := []string{"127.0.0.1", "localhost", nodeAddress, serviceNetwork, podNetwork, ".svc", "." + clusterDomain}
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		if value := os.Getenv(name); value != "" {
			return value + "," + strings.Join(own, ",")
		}
	}
	return strings.Join(own, ",")
}

// environment is what every component gets besides what this process has.
func environment() []string {
	return []string{"NO_PROXY=" + NoProxy(), "no_proxy=" + NoProxy()}
}
