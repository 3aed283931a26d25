package handlers

import (
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Bounds and defaults of the strategies (API reference, CanaryConfiguration,
// LinearConfiguration, DeploymentLifecycleHookTimeoutConfiguration).
const (
	longestBake                 = 1440
	longestPause                = 20160
	canaryPercent, canaryBake   = 5.0, 10
	linearPercent, linearBake   = 10.0, 6
	smallestCanary, smallestLin = 0.1, 3.0
)

// applyStrategy completes what was given for a deployment strategy. The texts of
// its refusals are chosen.
func applyStrategy(config, given *types.DeploymentConfiguration) error {
	if given.Strategy != "" && given.Strategy != config.Strategy {
		// What belongs to the strategy before goes with it.
		config.Strategy = given.Strategy
		config.CanaryConfiguration, config.LinearConfiguration, config.LifecycleHooks, config.EarlySuccessCriteria = nil, nil, nil, nil
	}
	if given.BakeTimeInMinutes != nil {
		config.BakeTimeInMinutes = given.BakeTimeInMinutes
	}
	if given.LifecycleHooks != nil {
		config.LifecycleHooks = given.LifecycleHooks
	}
	if given.EarlySuccessCriteria != nil {
		config.EarlySuccessCriteria = given.EarlySuccessCriteria
	}
	if given.CanaryConfiguration != nil {
		config.CanaryConfiguration = given.CanaryConfiguration
	}
	if given.LinearConfiguration != nil {
		config.LinearConfiguration = given.LinearConfiguration
	}
	if err := checkMinutes("bakeTimeInMinutes", config.BakeTimeInMinutes); err != nil {
		return err
	}
	if err := completeCanary(config); err != nil {
		return err
	}
	if err := completeLinear(config); err != nil {
		return err
	}
	return checkHooks(config)
}

func completeCanary(config *types.DeploymentConfiguration) error {
	if config.Strategy != types.DeploymentStrategyCanary {
		if config.CanaryConfiguration != nil {
			return invalidParameter("canaryConfiguration is only valid with the CANARY deployment strategy")
		}
		return nil
	}
	canary := types.CanaryConfiguration{}
	if config.CanaryConfiguration != nil {
		canary = *config.CanaryConfiguration
	}
	if canary.CanaryPercent == nil {
		canary.CanaryPercent = aws.Float64(canaryPercent)
	}
	if canary.CanaryBakeTimeInMinutes == nil {
		canary.CanaryBakeTimeInMinutes = aws.Int32(canaryBake)
	}
	config.CanaryConfiguration = &canary
	if err := checkShare("canaryPercent", *canary.CanaryPercent, smallestCanary); err != nil {
		return err
	}
	return checkMinutes("canaryBakeTimeInMinutes", canary.CanaryBakeTimeInMinutes)
}

func completeLinear(config *types.DeploymentConfiguration) error {
	if config.Strategy != types.DeploymentStrategyLinear {
		if config.LinearConfiguration != nil {
			return invalidParameter("linearConfiguration is only valid with the LINEAR deployment strategy")
		}
		return nil
	}
	linear := types.LinearConfiguration{}
	if config.LinearConfiguration != nil {
		linear = *config.LinearConfiguration
	}
	if linear.StepPercent == nil {
		linear.StepPercent = aws.Float64(linearPercent)
	}
	if linear.StepBakeTimeInMinutes == nil {
		linear.StepBakeTimeInMinutes = aws.Int32(linearBake)
	}
	config.LinearConfiguration = &linear
	if err := checkShare("stepPercent", *linear.StepPercent, smallestLin); err != nil {
		return err
	}
	return checkMinutes("stepBakeTimeInMinutes", linear.StepBakeTimeInMinutes)
}

// checkShare refuses what is no multiple of 0.1 between the bounds.
func checkShare(member string, percent, smallest float64) error {
	tenths := percent * 10
	if !(percent >= smallest && percent <= 100) || math.Abs(tenths-math.Round(tenths)) > 1e-6 {
		return invalidParameter("%s must be a multiple of 0.1 from %.1f to 100.0", member, smallest)
	}
	return nil
}

func checkMinutes(member string, minutes *int32) error {
	if m := aws.ToInt32(minutes); m < 0 || m > longestBake {
		return invalidParameter("%s must be between 0 and %d", member, longestBake)
	}
	return nil
}

// checkHookTargets refuses what ECS knows no target of (Developer Guide,
// troubleshooting blue/green deployments).
func checkHookTargets(hooks []types.DeploymentLifecycleHook) error {
	for _, hook := range hooks {
		if target := hook.TargetType; target != "" && !slices.Contains(target.Values(), target) {
			return invalidParameter("Invalid targetType. Valid values are: AWS_LAMBDA, PAUSE")
		}
	}
	return nil
}

// checkHooks refuses hooks that cannot be, and by name those that call a Lambda
// function: there is none here to call.
func checkHooks(config *types.DeploymentConfiguration) error {
	if len(config.LifecycleHooks) > 0 && config.Strategy == types.DeploymentStrategyRolling {
		return unsupported("/deploymentConfiguration/lifecycleHooks", "Gantry runs lifecycle hooks of BLUE_GREEN, LINEAR and CANARY deployments only")
	}
	for _, hook := range config.LifecycleHooks {
		if hook.TargetType != types.DeploymentLifecycleHookTargetTypePause {
			return unsupported("/deploymentConfiguration/lifecycleHooks/targetType", "Gantry calls no Lambda function: use a hook of the type PAUSE")
		}
		if err := checkPause(hook); err != nil {
			return err
		}
	}
	return nil
}

func checkPause(hook types.DeploymentLifecycleHook) error {
	if len(hook.LifecycleStages) == 0 {
		return cannotBeEmpty("lifecycleStages")
	}
	for _, stage := range hook.LifecycleStages {
		switch {
		case !slices.Contains(stage.Values(), stage):
			return invalidParameter("Invalid lifecycle stage: %s", stage)
		case stage == types.DeploymentLifecycleHookStageTestTrafficShift, stage == types.DeploymentLifecycleHookStageProductionTrafficShift:
			return invalidParameter("PAUSE hooks cannot be configured at the %s stage", stage)
		}
	}
	timeout := hook.TimeoutConfiguration
	if timeout == nil {
		return nil
	}
	if minutes := timeout.TimeoutInMinutes; minutes != nil && (*minutes < 1 || *minutes > longestPause) {
		return invalidParameter("timeoutInMinutes must be between 1 and %d", longestPause)
	}
	switch timeout.Action {
	case "", types.DeploymentLifecycleHookActionContinue, types.DeploymentLifecycleHookActionRollback:
		return nil
	}
	return oneOf("action", "CONTINUE", "ROLLBACK")
}
