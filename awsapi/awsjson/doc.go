// Package awsjson reads and writes awsJson documents: the SDK's own input,
// output and nested types on one side, bytes on the other.
//
// A Codec walks Go types by reflection, once a type, and takes names, formats
// and unions from the SDK's exported schemas where a service has them. The
// rules are those of a server: it refuses what Smithy's malformed-request cases
// refuse, and it writes the zeros that the SDK's own serializers, made for
// requests, leave out.
//
// It may import the SDK's types and a JSON tokenizer. It knows nothing of HTTP,
// and no operation's meaning.
package awsjson
