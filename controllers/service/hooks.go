package service

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/translator"
)

// defaultHookTimeout is ECS's (API reference, DeploymentLifecycleHookTimeoutConfiguration).
const defaultHookTimeout = 1440

// hookStages are the stages of hooks that run in a stage of the deployment.
// PRE_PRODUCTION_TRAFFIC_SHIFT is no stage of its own: its hooks come before the
// traffic moves.
func hookStages(stage types.ServiceDeploymentLifecycleStage) []types.DeploymentLifecycleHookStage {
	own := []types.DeploymentLifecycleHookStage{types.DeploymentLifecycleHookStage(stage)}
	if stage == types.ServiceDeploymentLifecycleStagePostTestTrafficShift {
		own = append(own, types.DeploymentLifecycleHookStagePreProductionTrafficShift)
	}
	return own
}

// hooksDone says whether the hooks of the stages let the deployment go on. One
// that is reached for the first time begins its pause.
func (w *world) hooksDone(d *deployment, status *v1alpha1.ServiceDeploymentStatus, at []types.DeploymentLifecycleHookStage) bool {
	done := true
	for i, hook := range w.settings.DeploymentConfiguration.LifecycleHooks {
		for _, stage := range at {
			if !slices.Contains(hook.LifecycleStages, stage) {
				continue
			}
			key := fmt.Sprintf("%s/%d/%d", stage, status.ProductionPermille, i)
			n := slices.IndexFunc(status.Hooks, func(h v1alpha1.LifecycleHook) bool { return h.Key == key })
			if n < 0 {
				n = len(status.Hooks)
				status.Hooks = append(slices.Clone(status.Hooks), w.pause(d, hook, key))
			}
			w.settle(d, &status.Hooks[n])
			done = done && translator.HookPassed(status.Hooks[n])
		}
	}
	return done
}

func (w *world) pause(d *deployment, hook types.DeploymentLifecycleHook, key string) v1alpha1.LifecycleHook {
	minutes, action := int32(defaultHookTimeout), types.DeploymentLifecycleHookActionRollback
	if timeout := hook.TimeoutConfiguration; timeout != nil {
		if timeout.TimeoutInMinutes != nil {
			minutes = aws.ToInt32(timeout.TimeoutInMinutes)
		}
		if timeout.Action != "" {
			action = timeout.Action
		}
	}
	return v1alpha1.LifecycleHook{
		ID: kube.PauseID(w.service.UID, d.entry.Number, key), Key: key, Status: string(types.DeploymentLifecycleHookStatusAwaitingAction),
		ExpiresAt: metav1.NewMicroTime(w.now.Add(time.Duration(minutes) * time.Minute)), TimeoutAction: string(action),
	}
}

// settle ends a pause that a user has ended, or that lasted too long.
func (w *world) settle(d *deployment, hook *v1alpha1.LifecycleHook) {
	if hook.Status != string(types.DeploymentLifecycleHookStatusAwaitingAction) {
		return
	}
	for _, action := range d.rollout.Spec.HookActions {
		if action.ID != hook.ID {
			continue
		}
		hook.Status = string(types.DeploymentLifecycleHookStatusSucceeded)
		if action.Action == string(types.DeploymentLifecycleHookActionRollback) {
			hook.Status = string(types.DeploymentLifecycleHookStatusFailed)
		}
		return
	}
	if wait := hook.ExpiresAt.Sub(w.now); wait > 0 {
		w.LookAgain(wait)
		return
	}
	hook.Status = string(types.DeploymentLifecycleHookStatusTimedOut)
}
