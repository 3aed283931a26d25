package awsapi

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"strings"

	smithy "github.com/aws/smithy-go"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

const contentTypeJSON11 = "application/x-amz-json-1.1"

// awsJSON11 is the protocol of ECS and Application Auto Scaling: one path, the
// operation in X-Amz-Target.
type awsJSON11 struct {
	target string // the service shape's name
	codec  *awsjson.Codec
}

func (p *awsJSON11) operation(r *http.Request, _ []byte) (string, bool) {
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), p.target+".")
	return name, ok && r.Method == http.MethodPost && r.URL.Path == "/" && isJSON11(r)
}

func isJSON11(r *http.Request) bool {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && mediaType == contentTypeJSON11
}

func (p *awsJSON11) read(body []byte, in any) ([]string, error) {
	if len(body) == 0 {
		body = []byte("{}")
	}
	unknown, err := p.codec.Read(body, in)
	if bad, ok := errors.AsType[*awsjson.Error](err); ok {
		return nil, serializationException(bad.Message, bad.Path)
	}
	return unknown, err
}

func (p *awsJSON11) write(out any) (answer, error) {
	buffer := buffers.Get().(*[]byte)
	body, err := p.codec.Append((*buffer)[:0], out)
	if err != nil {
		return answer{}, fmt.Errorf("write %T: %w", out, err)
	}
	*buffer = body
	return answer{status: http.StatusOK, contentType: contentTypeJSON11, body: body, buffer: buffer}, nil
}

func (p *awsJSON11) errorAnswer(_ string, err smithy.APIError) answer {
	if modelled(err) {
		if body, encErr := p.codec.WriteError(err.ErrorCode(), err); encErr == nil {
			ans := newErrorAnswer(err, contentTypeJSON11, body)
			if status := p.codec.ErrorStatus(err); status != 0 {
				ans.status = status
			}
			return ans
		}
	}
	return newErrorAnswer(err, contentTypeJSON11, p.codec.WriteGenericError(err.ErrorCode(), err.ErrorMessage()))
}

func (p *awsJSON11) prepare(t reflect.Type) { p.codec.Prepare(t) }
