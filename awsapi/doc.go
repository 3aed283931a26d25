// Package awsapi speaks the AWS protocols: it reads a request, checks its
// signature, finds the operation, calls it and writes the answer or the error.
//
// It knows no operation's meaning. It may import the SDK's types and schemas,
// gin, zap and prometheus, and of Gantry's packages the codec alone.
package awsapi
