package handlers

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// maxBakeMinutes: Developer Guide, daemon deployments.
const maxBakeMinutes = 1440

func checkCreateDaemon(in *ecs.CreateDaemonInput) error {
	switch name := aws.ToString(in.DaemonName); {
	case !taskdef.ValidName(name):
		return daemonNameInvalid(name)
	case len(aws.ToString(in.ClientToken)) > 36:
		return invalidParameter("idempotency token longer than 36.")
	}
	if err := taskdef.ValidateTags(in.Tags); err != nil {
		return err
	}
	if err := checkManagedDaemon(in.PropagateTags, in.DeploymentConfiguration); err != nil {
		return err
	}
	return refusal(translator.Refusals(translator.DaemonFindings(in)))
}

func checkUpdateDaemon(in *ecs.UpdateDaemonInput) error {
	if err := checkManagedDaemon(in.PropagateTags, in.DeploymentConfiguration); err != nil {
		return err
	}
	return refusal(translator.Refusals(translator.UpdateDaemonFindings(in)))
}

// checkManagedDaemon: the ranges are the Developer Guide's and the API reference's, the
// texts are chosen.
func checkManagedDaemon(propagate types.DaemonPropagateTags, config *types.DaemonDeploymentConfiguration) error {
	switch propagate {
	case "", types.DaemonPropagateTagsDaemon, types.DaemonPropagateTagsNone:
	default:
		return oneOf("propagateTags", "DAEMON", "NONE")
	}
	if config == nil {
		return nil
	}
	switch drain := config.DrainPercent; {
	case drain != nil && !(*drain >= 0 && *drain <= 100): // NaN is neither
		return invalidParameter("drainPercent should be between 0.0 and 100.0")
	case config.BakeTimeInMinutes < 0 || config.BakeTimeInMinutes > maxBakeMinutes:
		return invalidParameter("bakeTimeInMinutes should be between 0 and %d", maxBakeMinutes)
	}
	return nil
}

// checkDaemonProviders: a daemon is for providers of managed instances alone
// (API reference, CreateDaemon), and those that are built in are not.
func checkDaemonProviders(id v1alpha1.Identity, providers []string) error {
	if len(providers) == 0 {
		return cannotBeEmpty("capacityProviderArns")
	}
	for i, given := range providers {
		ref, ok := arn.Parse(given)
		switch {
		case !ok || !ref.IsARN || ref.Kind != "capacity-provider" || len(ref.Path) != 1 || !taskdef.ValidName(ref.Name()):
			return invalidParameter("Invalid capacity provider ARN: %s", given) // the text is chosen
		case ref.Account != id.Account || ref.Region != id.Region:
			return capacityProviderUnknown(given)
		case builtInProvider(ref.Name()):
			return unsupported("/capacityProviderArns/"+strconv.Itoa(i), "daemons run on managed instances, and "+ref.Name()+" has no instances")
		}
	}
	return nil
}
