package awsapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"runtime/debug"

	smithy "github.com/aws/smithy-go"
	"go.uber.org/zap"
)

// maxBody is the most that one request may hold.
const maxBody = 1 << 20

// largestNamed is the most that is made ready for a body of which only the size has
// come.
const largestNamed = 64 << 10

// answer makes the answer to a request. Whatever goes wrong on the way becomes
// an error in the form that the caller's client reads.
func (rt *router) answer(c *call, w http.ResponseWriter, r *http.Request) (ans answer) {
	auth, authErr := parseAuthorization(r)
	c.scope = auth.scope
	form := foreignForm(r, auth.scope)
	defer func() {
		if p := recover(); p != nil {
			c.cause = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			ans = rt.errorAnswer(c, form, c.cause)
		}
	}()
	if err := rt.guard.check(r); err != nil {
		return rt.errorAnswer(c, form, err)
	}
	body, err := readBody(w, r)
	name, ok := rt.find(c, r, body)
	if c.service != nil {
		form = c.service.protocol
	}
	if err != nil {
		return rt.errorAnswer(c, form, bodyError(err))
	}
	if !ok {
		return rt.errorAnswer(c, form, rt.notServed(r, auth.scope))
	}
	ctx, cancel := context.WithTimeout(r.Context(), rt.cfg.CallTimeout)
	defer cancel()
	if err := rt.authenticate(r.WithContext(ctx), body, auth, authErr, c.service); err != nil {
		return rt.errorAnswer(c, form, err)
	}
	ans, err = rt.call(ctx, c, name, body)
	if err != nil {
		return rt.errorAnswer(c, form, err)
	}
	return ans
}

// readBody reads a body into one piece of memory of the size that the caller names:
// that of a call which names a hundred tasks would be copied seven times else.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	named := max(0, min(r.ContentLength, largestNamed)) // -1 where none is named
	body := bytes.NewBuffer(make([]byte, 0, named+bytes.MinRead))
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	return body.Bytes(), err
}

// find sets the service that a request is for and returns the operation.
func (rt *router) find(c *call, r *http.Request, body []byte) (name string, ok bool) {
	for _, s := range rt.services {
		if name, ok := s.protocol.operation(r, body); ok {
			c.service = s
			if s.operations[name] != nil {
				c.operation = name
			}
			return name, true
		}
	}
	return "", false
}

func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return entityTooLarge()
	}
	return serializationException("The request body could not be read", err.Error())
}

// authenticate verifies the signature. Where it need not, any credentials do,
// or none; but a region must be one.
func (rt *router) authenticate(r *http.Request, body []byte, auth authorization, authErr error, s *Service) error {
	switch {
	case auth.region != "" && !regionName.MatchString(auth.region):
		return invalidSignature("Credential should be scoped to a valid region.")
	case !rt.cfg.Verify:
		return nil
	case authErr != nil:
		return authErr
	default:
		return rt.verifier.verify(r.Context(), r, body, auth, s.signingName)
	}
}

// call runs one operation.
func (rt *router) call(ctx context.Context, c *call, name string, body []byte) (answer, error) {
	op := c.service.operations[name]
	if op == nil {
		return answer{}, unknownOperation("Operation " + name + " could not be found.")
	}
	if op.handle == nil {
		return answer{}, c.service.unsupported(name)
	}
	in := reflect.New(op.in).Interface()
	unknown, err := c.service.protocol.read(body, in)
	if err != nil {
		return answer{}, err
	}
	if len(unknown) > 0 {
		rt.cfg.Logger.Debug("request has members that the SDK does not know",
			zap.String("request_id", c.requestID), zap.String("operation", name), zap.Strings("members", unknown))
	}
	if err := c.service.refuseMissing(name, in, body); err != nil { //nolint:contextcheck // nothing is waited for
		return answer{}, err
	}
	if err := rt.cfg.Filled(ctx); err != nil {
		return answer{}, err
	}
	ctx = context.WithValue(ctx, callKey{}, c)
	ctx = WithCaller(ctx, callerOf(c.scope, rt.cfg.DefaultAccount, rt.cfg.DefaultRegion))
	out, err := op.handle(ctx, in)
	if err != nil {
		return answer{}, err
	}
	return c.service.protocol.write(out)
}

// errorAnswer writes an error of the API as it is. Any other is not the
// caller's to see: it becomes the service's own internal error.
func (rt *router) errorAnswer(c *call, form errorForm, err error) answer {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
	case c.service != nil:
		c.cause = err
		api = c.service.internal()
	default:
		c.cause = err
		api = newProtocolError(http.StatusInternalServerError, "InternalFailure", serviceUnavailable)
	}
	return form.errorAnswer(c.requestID, api)
}
