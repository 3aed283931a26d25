package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// prepare makes the default cluster and the first revision of a family.
func prepare(ctx context.Context, t *testing.T, api *ecs.Client, family string) {
	t.Helper()
	if _, err := api.CreateCluster(ctx, &ecs.CreateClusterInput{}); err != nil {
		t.Fatalf("create cluster: %v", err)
	}
	register(ctx, t, api, family)
}

func register(ctx context.Context, t *testing.T, api *ecs.Client, family string) string {
	t.Helper()
	out, err := api.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{
		Family: aws.String(family), ContainerDefinitions: []types.ContainerDefinition{{
			Name: aws.String("app"), Image: aws.String("gantry.local/sleeps:1"), Memory: aws.Int32(16),
		}},
	})
	if err != nil {
		t.Fatalf("register %s: %v", family, err)
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn)
}

// expectError says how an error differs from one of type E whose text holds want.
func expectError[E error](err error, want string) error {
	var typed E
	switch {
	case err == nil:
		return errors.New("the call succeeded")
	case !errors.As(err, &typed):
		return fmt.Errorf("it is %w", err)
	case !strings.Contains(err.Error(), want):
		return fmt.Errorf("it does not say %q: %w", want, err)
	}
	return nil
}

func expectEvent(ctx context.Context, api *ecs.Client, service string, words ...string) error {
	svc, err := describe(ctx, api, service)
	if err != nil {
		return err
	}
	for _, event := range svc.Events {
		message := aws.ToString(event.Message)
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(message, word) }) {
			return nil
		}
	}
	return fmt.Errorf("no event has %q among %d", words, len(svc.Events))
}

func describe(ctx context.Context, api *ecs.Client, service string) (types.Service, error) {
	out, err := api.DescribeServices(ctx, &ecs.DescribeServicesInput{Services: []string{service}})
	if err != nil {
		return types.Service{}, err
	}
	if len(out.Services) != 1 {
		return types.Service{}, fmt.Errorf("%d services, failures %v", len(out.Services), out.Failures)
	}
	return out.Services[0], nil
}

func taskARNs(tasks []types.Task) []string {
	arns := make([]string, len(tasks))
	for i := range tasks {
		arns[i] = aws.ToString(tasks[i].TaskArn)
	}
	slices.Sort(arns)
	return arns
}
