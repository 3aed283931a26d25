package awsapi

import (
	"net/http"
	"reflect"

	smithy "github.com/aws/smithy-go"
)

// protocolError is an error that no service's model has: it comes from the
// protocol and is the same for all services.
type protocolError struct {
	smithy.GenericAPIError
	status int
	detail string // for the log alone
}

func newProtocolError(status int, code, message string) *protocolError {
	fault := smithy.FaultClient
	if status >= http.StatusInternalServerError {
		fault = smithy.FaultServer
	}
	return &protocolError{GenericAPIError: smithy.GenericAPIError{Code: code, Message: message, Fault: fault}, status: status}
}

func badRequest(code, message string) error {
	return newProtocolError(http.StatusBadRequest, code, message)
}

// serializationException has the place in the document for the log.
func serializationException(message, path string) error {
	err := newProtocolError(http.StatusBadRequest, "SerializationException", message)
	err.detail = path
	return err
}

// unknownOperation is answered with 400: AWS's list of common errors has 404,
// its awsJson services have been seen to answer 400.
func unknownOperation(message string) error {
	return badRequest("UnknownOperationException", message)
}

func entityTooLarge() error {
	return newProtocolError(http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
		"The request body is larger than this service accepts.")
}

// The names and texts of signature errors are those of AWS's awsJson services
// (IAM User Guide, "Troubleshoot Signature Version 4 signing").

func missingToken() error {
	return badRequest("MissingAuthenticationTokenException", "Missing Authentication Token")
}

func incompleteSignature(message string) error {
	return badRequest("IncompleteSignatureException", message)
}

func invalidSignature(message string) error {
	return badRequest("InvalidSignatureException", message)
}

func unrecognizedClient() error {
	return badRequest("UnrecognizedClientException", "The security token included in the request is invalid.")
}

func signatureMismatch() error {
	return invalidSignature("The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
}

// serviceUnavailable is the text of every error that is not the caller's: the
// cause is in the log under the request id.
const serviceUnavailable = "Service Unavailable. Please try again later."

// statusOf follows awsJson: 400 or 500 by the error's fault. Only errors of the
// protocol itself have a status of their own, and those to which a model gives
// one (awsJSON11.errorAnswer).
func statusOf(err smithy.APIError) int {
	if p, ok := err.(*protocolError); ok {
		return p.status
	}
	if err.ErrorFault() == smithy.FaultServer {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// modelled says whether an error is one of the SDK's generated types, whose
// members are written as the model has them.
func modelled(err smithy.APIError) bool {
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return false
	}
	return v.Elem().FieldByName("ErrorCodeOverride").IsValid()
}
