// Package wholebodies has the HTTP client of AWS clients in tests and measurements,
// which call a fast server from a busy machine.
//
// It knows nothing of Gantry and imports nothing of ours.
package wholebodies

import (
	"io"
	"net/http"
)

// Client hides from net/http that the SDK's request bodies can write themselves. The
// SDK closes a body when the answer's header is there; a body that is closed before
// net/http has looked for its end answers io.EOF as an error (smithy-go,
// safeWriteToReadCloser.WriteTo), and net/http then closes the connection under the
// answer. A busy machine and a fast server make that happen.
type Client struct{ HTTP *http.Client }

// Do sends the request.
func (c Client) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.HTTP.Do(r)
}
