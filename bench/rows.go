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
		{"warm gantry up to the first AWS answer", "s, absolute", 10, nodePlace, warmUpTime},
		{"RunTask to RUNNING in DescribeTasks / Pod create to Running in a watch", ratioUnit, 1.2, nodePlace, ratio(runTaskToRunning)},
		{"CreateService of one task to runningCount 1 / plain Deployment to available", ratioUnit, 1.3, nodePlace, ratio(createService)},
		{"StopTask to replacement RUNNING / direct stop patch to replacement Ready", ratioUnit, 1.3, nodePlace, ratio(stopTask)},
	}
}
