package awsapi

import (
	"encoding/xml"
	"mime"
	"net/http"
	"slices"
	"strings"

	smithy "github.com/aws/smithy-go"
	"github.com/aws/smithy-go/encoding/cbor"
)

// foreignForm finds the form in which the caller of a service that is not
// served here expects its error. Clients that are pointed at one endpoint send
// all their services to it, and each parses its own protocol alone.
func foreignForm(r *http.Request, s scope) errorForm {
	contentType := r.Header.Get("Content-Type")
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType = ""
	}
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return cborForm{}
	case strings.HasPrefix(mediaType, "application/x-amz-json-"):
		return jsonForm{contentType: mediaType}
	case s.service == "ec2":
		return ec2Form{}
	case mediaType == "application/x-www-form-urlencoded" || queryServices[s.service]:
		return queryForm{}
	case restXMLServices[s.service]:
		return restXMLForm{}
	case r.Header.Get("X-Amz-Target") != "":
		return jsonForm{contentType: contentTypeJSON11}
	default:
		return jsonForm{contentType: "application/json", typeHeader: true}
	}
}

// The signing names of services that answer in XML. All of the first speak
// awsQuery; their clients say so by the media type too, except for a GET.
var (
	queryServices = map[string]bool{
		"autoscaling": true, "cloudformation": true, "elasticache": true, "elasticbeanstalk": true,
		"elasticloadbalancing": true, "iam": true, "rds": true, "redshift": true, "sns": true, "sts": true,
	}
	restXMLServices = map[string]bool{"cloudfront": true, "route53": true, "s3": true}
)

// notServed is the error for a call that none of our services has.
func (rt *router) notServed(r *http.Request, s scope) error {
	ours := slices.ContainsFunc(rt.services, func(o *Service) bool { return o.signingName == s.service })
	switch target := r.Header.Get("X-Amz-Target"); {
	case s.service != "" && !ours:
		return unknownOperation("The service " + s.service + " is not supported by Gantry.")
	case target == "":
		return unknownOperation("The request names no operation: the X-Amz-Target header is missing.")
	default:
		return unknownOperation("The operation " + target + " could not be found for this method, path and content type.")
	}
}

type xmlError struct {
	Type    string `xml:",omitempty"`
	Code    string
	Message string
}

func newXMLError(err smithy.APIError) xmlError {
	fault := "Sender"
	if err.ErrorFault() == smithy.FaultServer {
		fault = "Receiver"
	}
	return xmlError{Type: fault, Code: err.ErrorCode(), Message: err.ErrorMessage()}
}

func xmlAnswer(err smithy.APIError, doc any) answer {
	body, encErr := xml.Marshal(doc)
	if encErr != nil { // structs of strings always have an XML form
		panic(encErr)
	}
	return newErrorAnswer(err, "text/xml", append([]byte(xml.Header), body...))
}

// queryForm is the error of awsQuery.
type queryForm struct{}

func (queryForm) errorAnswer(requestID string, err smithy.APIError) answer {
	return xmlAnswer(err, struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Error     xmlError
		RequestID string `xml:"RequestId"`
	}{Error: newXMLError(err), RequestID: requestID})
}

// ec2Form is the error of ec2Query, which names neither sender nor receiver.
type ec2Form struct{}

func (ec2Form) errorAnswer(requestID string, err smithy.APIError) answer {
	return xmlAnswer(err, struct {
		XMLName   xml.Name `xml:"Response"`
		Error     xmlError `xml:"Errors>Error"`
		RequestID string
	}{Error: xmlError{Code: err.ErrorCode(), Message: err.ErrorMessage()}, RequestID: requestID})
}

// restXMLForm is the error of the restXml services: S3 has it without a
// wrapper, and the readers of the others take that too.
type restXMLForm struct{}

func (restXMLForm) errorAnswer(requestID string, err smithy.APIError) answer {
	return xmlAnswer(err, struct {
		XMLName   xml.Name `xml:"Error"`
		Code      string
		Message   string
		RequestID string `xml:"RequestId"`
	}{Code: err.ErrorCode(), Message: err.ErrorMessage(), RequestID: requestID})
}

// cborForm is the error of rpcv2Cbor, as CloudWatch's clients speak it.
type cborForm struct{}

func (cborForm) errorAnswer(_ string, err smithy.APIError) answer {
	body := cbor.Encode(cbor.Map{
		"__type":  cbor.String(err.ErrorCode()),
		"message": cbor.String(err.ErrorMessage()),
	})
	a := newErrorAnswer(err, "application/cbor", body)
	// A client refuses an answer without it (Smithy RPC v2 CBOR, "Responses").
	a.header = map[string]string{"Smithy-Protocol": "rpc-v2-cbor"}
	return a
}
