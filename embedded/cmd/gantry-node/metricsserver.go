package main

import (
	"os"

	"k8s.io/component-base/cli"
	"sigs.k8s.io/metrics-server/cmd/metrics-server/app"
)

func runMetricsServer() { os.Exit(cli.Run(app.NewMetricsServerCommand(nil))) }
