package localcluster

import (
	"strconv"
	"strings"
)

// parseGates reads "Name=true,Other=false", the form of --feature-gates. The
// kubelet takes gates from its file; a pair that is none is left to the other
// components to refuse.
func parseGates(text string) map[string]bool {
	gates := map[string]bool{}
	for pair := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(pair, "=")
		if on, err := strconv.ParseBool(value); err == nil {
			gates[strings.TrimSpace(name)] = on
		}
	}
	return gates
}
