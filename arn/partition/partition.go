// Package partition knows the partitions of AWS, with which ARNs begin. It may import
// nothing of this project.
package partition

import "strings"

// others are the partitions besides the standard one, by what their regions begin with
// (AWS SDKs, partitions).
var others = []struct{ prefix, name string }{
	{"cn-", "aws-cn"},
	{"us-gov-", "aws-us-gov"},
	{"us-iso-", "aws-iso"},
	{"us-isob-", "aws-iso-b"},
	{"eu-isoe-", "aws-iso-e"},
	{"us-isof-", "aws-iso-f"},
	{"eusc-", "aws-eusc"},
}

// Of is the partition of a region.
func Of(region string) string {
	for _, p := range others {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}
