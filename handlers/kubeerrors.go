package handlers

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// fromKubernetes turns what the API server refused for the user's own reasons
// (quota, Pod Security, a webhook, an invalid object) into an answer that says
// so. What is left stays as it is and becomes ServerException.
func fromKubernetes(err error) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return err
	}
	switch {
	case apierrors.IsForbidden(err), apierrors.IsInvalid(err), apierrors.IsBadRequest(err):
		return &types.ClientException{Message: aws.String("Kubernetes refused it: " + oneLine(status.Status().Message))}
	case apierrors.IsTooManyRequests(err):
		return &types.LimitExceededException{Message: aws.String("Rate exceeded")}
	}
	return err
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
