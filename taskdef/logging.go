package taskdef

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func validateLogging(in *ecs.RegisterTaskDefinitionInput) error {
	router := slices.ContainsFunc(in.ContainerDefinitions, func(c types.ContainerDefinition) bool {
		return c.FirelensConfiguration != nil
	})
	for _, c := range in.ContainerDefinitions {
		l := c.LogConfiguration
		if l == nil {
			continue
		}
		if l.LogDriver == types.LogDriverAwslogs {
			if err := requireOptions(l, "awslogs-region", "awslogs-group"); err != nil {
				return err
			}
		}
		if l.LogDriver == types.LogDriverAwsfirelens && !router {
			return clientException("When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified")
		}
	}
	return nil
}

func requireOptions(l *types.LogConfiguration, options ...string) error {
	missing := slices.DeleteFunc(options, func(o string) bool { return l.Options[o] != "" })
	if len(missing) > 0 {
		return clientException("Log driver %s requires options: %s", l.LogDriver, strings.Join(missing, ", "))
	}
	return nil
}
