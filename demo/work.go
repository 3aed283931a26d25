package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	cluster = "demo"
	service = "web"
	// network is what an awsvpc task must have on AWS.
	network = "awsvpcConfiguration={subnets=[subnet-00000001]}"
	// scalable names the service for Application Auto Scaling.
	scalable = "service/" + cluster + "/" + service
)

// work does the main job.
func work(ctx context.Context, aws *cli) error {
	for _, step := range []func(context.Context, *cli) error{register, deploy, visit, runJob, scale} {
		if err := step(ctx, aws); err != nil {
			return err
		}
	}
	return nil
}

func register(ctx context.Context, aws *cli) error {
	return aws.all(ctx,
		[]string{"ecs", "create-cluster", "--cluster-name", cluster, "--query", "cluster.[clusterName,status]", "--output", "text"},
		[]string{"ecs", "register-task-definition", "--cli-input-json", "file://demo/web.json", "--query", "taskDefinition.taskDefinitionArn", "--output", "text"},
		[]string{"ecs", "register-task-definition", "--cli-input-json", "file://demo/job.json", "--query", "taskDefinition.taskDefinitionArn", "--output", "text"},
	)
}

// deploy makes the service, or brings the one of an earlier run to the newest
// revision.
func deploy(ctx context.Context, aws *cli) error {
	status, err := aws.run(ctx, "ecs", "describe-services", "--cluster", cluster, "--services", service, "--query", "services[].status", "--output", "text")
	if err != nil {
		return err
	}
	call := []string{
		"ecs", "create-service", "--cluster", cluster, "--service-name", service, "--task-definition", "demo-web", "--desired-count", "2",
		"--launch-type", "FARGATE", "--network-configuration", network,
	}
	if status == "ACTIVE" {
		call = []string{"ecs", "update-service", "--cluster", cluster, "--service", service, "--task-definition", "demo-web", "--desired-count", "2"}
	}
	return aws.all(ctx,
		append(call, "--query", "service.[serviceName,status,desiredCount,deployments[0].id]", "--output", "text"),
		[]string{"ecs", "wait", "services-stable", "--cluster", cluster, "--services", service},
		[]string{
			"ecs", "describe-services", "--cluster", cluster, "--services", service, "--output", "table",
			"--query", "services[].{service:serviceName,desired:desiredCount,running:runningCount,pending:pendingCount,taskDefinition:taskDefinition}",
		},
	)
}

// visit asks a task of the service: its web server passes the question on to
// the second container, over localhost.
func visit(ctx context.Context, aws *cli) error {
	if aws.simulated {
		return nil
	}
	task, err := aws.run(ctx, "ecs", "list-tasks", "--cluster", cluster, "--service-name", service, "--desired-status", "RUNNING", "--query", "taskArns[0]", "--output", "text")
	if err != nil {
		return err
	}
	address, err := aws.run(ctx, "ecs", "describe-tasks", "--cluster", cluster, "--tasks", task,
		"--query", "tasks[0].containers[0].networkInterfaces[0].privateIpv4Address", "--output", "text")
	if err != nil {
		return err
	}
	for _, path := range []string{"/health", "/peer"} {
		if err := get(ctx, "http://"+address+":8080"+path); err != nil {
			return err
		}
	}
	return nil
}

// get prints a curl command and does what it would do. A task is reached
// directly, whatever proxy the environment names.
func get(ctx context.Context, url string) error {
	fmt.Println("$", commandLine("curl", []string{"--noproxy", "*", url}))
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the task: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("read the task's answer: %w", err)
	}
	fmt.Println(strings.TrimSpace(string(body)))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}

// runJob runs a task that exits 3 and waits for its end.
func runJob(ctx context.Context, aws *cli) error {
	task, err := aws.run(ctx, "ecs", "run-task", "--cluster", cluster, "--task-definition", "demo-job", "--launch-type", "FARGATE",
		"--network-configuration", network, "--query", "tasks[0].taskArn", "--output", "text")
	if err != nil {
		return err
	}
	if aws.simulated {
		fmt.Println("(the node is simulated: nothing runs, and nothing exits by itself)")
		if _, err := aws.run(ctx, "ecs", "stop-task", "--cluster", cluster, "--task", task, "--query", "task.desiredStatus", "--output", "text"); err != nil {
			return err
		}
	}
	return aws.all(ctx,
		[]string{"ecs", "wait", "tasks-stopped", "--cluster", cluster, "--tasks", task},
		[]string{
			"ecs", "describe-tasks", "--cluster", cluster, "--tasks", task, "--output", "table",
			"--query", "tasks[].{status:lastStatus,stopCode:stopCode,reason:stoppedReason,exitCode:containers[0].exitCode}",
		},
	)
}

// scale lets the service follow its CPU.
func scale(ctx context.Context, aws *cli) error {
	of := []string{"--service-namespace", "ecs", "--resource-id", scalable, "--scalable-dimension", "ecs:service:DesiredCount"}
	return aws.all(ctx,
		append([]string{"application-autoscaling", "register-scalable-target"}, append(of, "--min-capacity", "2", "--max-capacity", "4")...),
		append([]string{"application-autoscaling", "put-scaling-policy", "--policy-name", "cpu", "--policy-type", "TargetTrackingScaling"},
			append(of, "--target-tracking-scaling-policy-configuration", "file://demo/policy.json", "--query", "PolicyARN", "--output", "text")...),
	)
}

// all runs commands of which only the print matters.
func (c *cli) all(ctx context.Context, commands ...[]string) error {
	for _, args := range commands {
		if _, err := c.run(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}
