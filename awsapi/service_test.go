package awsapi

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
)

func TestOperationsAreThoseOfTheSDK(t *testing.T) {
	for name, tt := range map[string]struct {
		svc   *Service
		count int // of the SDK's version in go.mod; a bump that brings more is looked at here
		some  []string
	}{
		"ecs":                     {NewECS(), 88, []string{"RunTask", "DescribeServices", "DiscoverPollEndpoint", "ExecuteCommand"}},
		"application-autoscaling": {NewAutoScaling(), 14, []string{"RegisterScalableTarget", "PutScalingPolicy", "TagResource"}},
	} {
		ops := tt.svc.Operations()
		if tt.svc.Name() != name || len(ops) != tt.count {
			t.Errorf("%s: %d operations, want %d of %s", tt.svc.Name(), len(ops), tt.count, name)
		}
		if !slices.IsSortedFunc(ops, func(a, b Operation) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("%s: not sorted", name)
		}
		for _, want := range tt.some {
			if !slices.Contains(ops, Operation{Name: want}) {
				t.Errorf("%s: %s is missing or served", name, want)
			}
		}
	}
}

func TestHandleMarksServed(t *testing.T) {
	svc := echo()
	if !slices.Contains(svc.Operations(), Operation{Name: "ListClusters", Served: true}) {
		t.Error("ListClusters is not served")
	}
}

func TestHandlePanicsOnWrongWiring(t *testing.T) {
	for name, wire := range map[string]func(*Service){
		"unknown operation": func(s *Service) {
			Handle(s, "NoSuch", func(context.Context, *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) { panic("not called") })
		},
		"another input": func(s *Service) {
			Handle(s, "RunTask", func(context.Context, *ecs.StartTaskInput) (*ecs.RunTaskOutput, error) { panic("not called") })
		},
		"another output": func(s *Service) {
			Handle(s, "RunTask", func(context.Context, *ecs.RunTaskInput) (*ecs.StartTaskOutput, error) { panic("not called") })
		},
		"twice": func(s *Service) {
			for range 2 {
				Handle(s, "RunTask", func(context.Context, *ecs.RunTaskInput) (*ecs.RunTaskOutput, error) { panic("not called") })
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			wire(NewECS())
		})
	}
}
