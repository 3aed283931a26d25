package handlers

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// completeConfiguration fills in what ECS does (API reference,
// ExecuteCommandConfiguration.logging).
func completeConfiguration(given *types.ClusterConfiguration) *types.ClusterConfiguration {
	if given == nil || given.ExecuteCommandConfiguration == nil || given.ExecuteCommandConfiguration.Logging != "" {
		return given
	}
	configuration, execute := *given, *given.ExecuteCommandConfiguration
	execute.Logging = types.ExecuteCommandLoggingDefault
	configuration.ExecuteCommandConfiguration = &execute
	return &configuration
}

// checkClusterSettings refuses values that ECS does not have (API reference,
// ClusterSetting, ExecuteCommandConfiguration).
func checkClusterSettings(settings []types.ClusterSetting, configuration *types.ClusterConfiguration) error {
	for _, setting := range settings {
		if setting.Name != types.ClusterSettingNameContainerInsights {
			return oneOf("setting name", string(types.ClusterSettingNameContainerInsights))
		}
		switch aws.ToString(setting.Value) {
		case "enabled", "disabled", "enhanced":
		default:
			return invalidSetting()
		}
	}
	if configuration == nil || configuration.ExecuteCommandConfiguration == nil {
		return nil
	}
	execute := configuration.ExecuteCommandConfiguration
	logs := execute.LogConfiguration
	switch execute.Logging {
	case "", types.ExecuteCommandLoggingDefault, types.ExecuteCommandLoggingNone:
		if logs != nil {
			// The rule is known, the text is chosen.
			return invalidParameter("A log configuration can be specified only when overriding the default log configuration")
		}
	case types.ExecuteCommandLoggingOverride:
		if logs == nil || aws.ToString(logs.CloudWatchLogGroupName) == "" && aws.ToString(logs.S3BucketName) == "" {
			return invalidParameter("A CloudWatch log group name or S3 bucket name must be specified when overriding the default log configuration")
		}
	default:
		return oneOf("logging", "NONE", "DEFAULT", "OVERRIDE")
	}
	return nil
}
