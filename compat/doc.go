// Package compat is the conformance suite: cases that make calls of the ECS and
// Application Auto Scaling APIs with the AWS SDK and compare the answers with
// what AWS documents or has been seen to answer. A case knows an endpoint and
// nothing else, so the suite runs against Gantry, another emulator, or AWS.
//
// It imports the AWS SDK and nothing of this project: what the server does
// inside must not leak into what is expected of it.
package compat
