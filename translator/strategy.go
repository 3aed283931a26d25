package translator

const (
	strategyNote = "two deployments stand side by side; the Services of the target groups are turned from the one to the other"
	weightsRule  = "a Service spreads traffic over all tasks alike: the share of the traffic is the share of the tasks"
	lambdaRule   = "Gantry calls no Lambda function: use a hook of the type PAUSE"
	pauseRule    = "the deployment waits at the stage until ContinueServiceDeployment, or its time is over"
)

// strategyFields are how a deployment goes on (API reference,
// DeploymentConfiguration).
var strategyFields = []Field{
	{Document: Service, Path: "/deploymentConfiguration/strategy", Class: Represented, Rule: strategyNote},
	{Document: Service, Path: "/deploymentConfiguration/bakeTimeInMinutes", Class: Represented, Rule: "so long both deployments stay after the traffic has moved"},
	{Document: Service, Path: "/deploymentConfiguration/canaryConfiguration/canaryPercent", Class: Represented, Rule: weightsRule},
	{Document: Service, Path: "/deploymentConfiguration/canaryConfiguration/canaryBakeTimeInMinutes", Class: Represented, Rule: weightsRule},
	{Document: Service, Path: "/deploymentConfiguration/linearConfiguration/stepPercent", Class: Represented, Rule: weightsRule},
	{Document: Service, Path: "/deploymentConfiguration/linearConfiguration/stepBakeTimeInMinutes", Class: Represented, Rule: weightsRule},
	{Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/lifecycleStages", Class: Represented, Rule: pauseRule},
	{
		Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/targetType", Class: Refused, Rule: lambdaRule,
		Harmless: anyOf("PAUSE"), Except: "PAUSE: the deployment waits",
	},
	{Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/hookTargetArn", Class: Refused, Rule: lambdaRule},
	{Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/roleArn", Class: Refused, Rule: lambdaRule},
	{Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/hookDetails", Class: Refused, Rule: lambdaRule},
	{Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/timeoutConfiguration/timeoutInMinutes", Class: Represented, Rule: pauseRule},
	{Document: Service, Path: "/deploymentConfiguration/lifecycleHooks/*/timeoutConfiguration/action", Class: Represented, Rule: pauseRule},
}
