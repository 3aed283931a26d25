package main

import "context"

type measure func(ctx context.Context, o options, p *place, res *result) error

// row is a line of the table.
type row struct {
	name    string
	unit    string
	limit   float64
	where   kind
	measure measure
}

const ratioUnit = "ratio, p50 / p50"

// rows are in the order of the places that they need, so that each is entered once.
func rows() []row {
	return []row{
		{"resident memory of gantry serve, idle", "MB, absolute", 80, controlPlane, idleMemory},
		{"RunTask count 1 / one Pod create", ratioUnit, 1.3, controlPlane, ratio(runTask(1))},
		{"RunTask count 10 / ten Pod creates in parallel", ratioUnit, 1.3, controlPlane, ratio(runTask(10))},
		{"RegisterTaskDefinition / one custom resource create", ratioUnit, 1.5, controlPlane, ratio(registerTaskDefinition)},
		{"RegisterTaskDefinition, 8 at once to one family", "failures, gaps and doubles, absolute", 0, controlPlane, registerAtOnce},
		{"DescribeTasks of 100 / live LIST of the same 100 pods", ratioUnit, 1.0, simulatedPlace, ratio(describeTasks)},
		{"ListTasks page of 100 / the same LIST", ratioUnit, 0.5, simulatedPlace, ratio(listTasks)},
		{"live heap of gantry serve a task, of 10,000", "KiB, absolute", 12, tasksPlace, heapOfTask},
		{"DescribeTasks of 100 beside 10,000, p99", "ms, absolute", 15, tasksPlace, slowest(describeMany)},
		{"ListTasks page of 100 beside 10,000, p99", "ms, absolute", 10, tasksPlace, slowest(listMany)},
		{"cost of a call beside 10,000 tasks / beside 1,000", "ratio, of ratios to direct work", 1.3, tasksPlace, growth},
		{"RunTask count 1 / one Pod create, beside 10,000 tasks", ratioUnit, 1.15, tasksPlace, ratio(runTask(1))},
		// 80 % of the calls a second are 1.25 times the time.
		{"RunTask by 8 callers / Pod creates by 8 callers, beside 10,000 tasks", ratioUnit, 1.25, tasksPlace, ratioOf(20, 3, runTaskAtOnce)},
		{"processor of gantry serve with 1,000 services, idle", "% of a core, absolute", 2, servicesPlace, idleProcessor},
		{"UpdateService to the Deployment's replicas, of 1,000 services, p99", "ms, absolute", 500, servicesPlace, reconcile},
		{"restart of gantry serve to ready, with 1,000 services", "s, absolute", 5, servicesPlace, restarts},
		{"resident memory of gantry serve with 1,000 services", "MB, absolute", 250, servicesPlace, memoryOfServices},
		{"warm gantry up to the first AWS answer", "s, absolute", 10, nodePlace, warmUpTime},
		{"RunTask to RUNNING in DescribeTasks / Pod create to Running in a watch", ratioUnit, 1.2, nodePlace, ratio(runTaskToRunning)},
		{"CreateService of one task to runningCount 1 / plain Deployment to available", ratioUnit, 1.25, nodePlace, ratio(createService(1, webAndSidecar))},
		{"CreateService of 20 tasks to runningCount 20 / plain Deployment to available", ratioUnit, 1.15, nodePlace, ratioOf(4, 1, createService(manyOnNode, small))},
		{"rolling update of 20 tasks with a health check / of a plain Deployment, surge 100 %", ratioUnit, 1.3, nodePlace, ratioOf(4, 1, rollingUpdate)},
		{"StopTask to replacement RUNNING / direct stop patch to replacement Ready", ratioUnit, 1.2, nodePlace, ratio(stopTask)},
	}
}
