package awsapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"sync"

	smithy "github.com/aws/smithy-go"
)

// errorForm is how a protocol writes an error.
type errorForm interface {
	errorAnswer(requestID string, err smithy.APIError) answer
}

// protocol is one of AWS's ways to put an operation into HTTP. An awsQuery or
// rpcv2Cbor service is another implementation of it.
type protocol interface {
	errorForm
	// operation returns the operation's name if the request is for this service.
	// The body is there for protocols that name the operation in it.
	operation(r *http.Request, body []byte) (name string, ok bool)
	// read sets an input from a body. Unknown are the members it does not have.
	read(body []byte, in any) (unknown []string, err error)
	write(out any) (answer, error)
	// prepare checks that a type can be read or written; it panics if not.
	prepare(t reflect.Type)
}

// answer is an HTTP answer that is not written yet.
type answer struct {
	status      int
	code        string // of an error
	detail      string // of an error, for the log alone
	contentType string
	header      map[string]string // more headers
	body        []byte
	// buffer is what the body was written into, for the next answer; nil where it
	// is nobody's.
	buffer *[]byte
}

// buffers hold the bodies of answers that were written: one of a hundred tasks has
// 100 KiB, a quarter of all that such a call allocates.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// largestBuffer is the largest that is kept.
const largestBuffer = 1 << 20

// release gives the buffer back. Nobody may look at the body after that. Over HTTP/1
// a body is written when Write returns; over HTTP/2 it need not be.
func (a answer) release() {
	if a.buffer != nil && cap(*a.buffer) <= largestBuffer {
		buffers.Put(a.buffer)
	}
}

func newErrorAnswer(err smithy.APIError, contentType string, body []byte) answer {
	a := answer{status: statusOf(err), code: err.ErrorCode(), contentType: contentType, body: body}
	if p, ok := err.(*protocolError); ok {
		a.detail = p.detail
	}
	return a
}

// jsonForm writes errors for callers of awsJson and restJson services that are
// not served here, which have no model to ask for the name of the text.
type jsonForm struct {
	contentType string
	typeHeader  bool // restJson has the error's name in a header
}

func (f jsonForm) errorAnswer(_ string, err smithy.APIError) answer {
	body, encErr := json.Marshal(map[string]string{"__type": err.ErrorCode(), "message": err.ErrorMessage()})
	if encErr != nil { // a map of strings always has a JSON form
		panic(encErr)
	}
	a := newErrorAnswer(err, f.contentType, body)
	if f.typeHeader {
		a.header = map[string]string{"X-Amzn-Errortype": err.ErrorCode()}
	}
	return a
}
