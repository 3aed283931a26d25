package compat

import (
	"slices"
	"time"
)

// Feature is something that an endpoint may lack and a case may need.
type Feature string

const (
	// Tasks: tasks reach RUNNING and, when stopped, STOPPED.
	Tasks Feature = "tasks"
	// Containers: the programs in the images really run, so that exit codes
	// and errors of the runtime are those of the containers.
	Containers Feature = "containers"
	// Instances: tasks of launch type EC2 run on container instances that the
	// answers name.
	Instances Feature = "instances"
)

// Features are all there are.
func Features() []Feature { return []Feature{Tasks, Containers, Instances} }

// Case is one thing that the API does, shown by calls and checks.
type Case struct {
	// Name is resource/what-happens; it is what --run selects by.
	Name        string
	Description string
	// Source says where the expectations come from, as far as a check does not
	// name another.
	Source string
	// Operations are those whose answers the case checks. Operations of
	// Application Auto Scaling have the prefix of Scaling.
	Operations []string
	Needs      []Feature
	// Alone keeps other cases from running at the same time.
	Alone bool
	// Timeout is the time that the case may take, defaultTimeout if it is 0.
	Timeout time.Duration
	Run     func(t *T)
}

const defaultTimeout = time.Minute

// Scaling is the name of an operation of Application Auto Scaling.
func Scaling(operation string) string { return "application-autoscaling." + operation }

// Cases is the one list of all cases.
func Cases() []Case {
	served := slices.Concat(
		clusterCases(), taskDefinitionCases(), taskCases(), taskRequestCases(), taskStateCases(),
		placementCases(), capacityProviderCases(), executeCommandCases(), serviceCases(), serviceStateCases(), serviceNamespaceCases(), serviceDeploymentCases(), taskSetCases(),
		daemonServiceCases(), scalingCases(),
		startTaskCases(), taskProtectionCases(), tagCases(), accountSettingCases(),
		daemonDefinitionCases(), daemonCases(),
		expressCases(),
	)
	return slices.Concat(served, unservedCases(served))
}
