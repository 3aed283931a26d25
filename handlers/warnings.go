package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/awsapi"
	"github.com/gantry-ecs/gantry/translator"
)

// ECS's answers have no place for a warning. What of a document has no effect,
// or no task will be started with, is on the call's log line and in a Kubernetes
// Event of the object that was made of it.

// maxEventNote is the most that an Event may say (events.k8s.io/v1, note).
const maxEventNote = 1000

// warn tells of the findings about an object that is there now.
func (h *Handlers) warn(ctx context.Context, object client.Object, findings []translator.Finding) {
	noteWarnings(ctx, findings)
	for _, told := range []struct {
		class             translator.Class
		eventType, reason string
	}{
		{translator.Ignored, corev1.EventTypeNormal, "FieldsIgnored"},
		{translator.Refused, corev1.EventTypeWarning, "FieldsRefused"},
	} {
		if note := eventNote(findings, told.class); note != "" {
			h.store.Events.Eventf(object, nil, told.eventType, told.reason, "Translate", "%s", note)
		}
	}
}

// noteWarnings names the fields on the call's log line. Their rules are in
// docs/fields.md.
func noteWarnings(ctx context.Context, findings []translator.Finding) {
	for class, key := range map[translator.Class]string{translator.Ignored: "ignored", translator.Refused: "refused"} {
		var pointers []string
		for _, f := range findings {
			if f.Class == class {
				pointers = append(pointers, f.ECS)
			}
		}
		if len(pointers) > 0 {
			awsapi.Note(ctx, key, strings.Join(pointers, " "))
		}
	}
}

// eventNote has as many findings of a class as fit.
func eventNote(findings []translator.Finding, class translator.Class) string {
	var note strings.Builder
	left := 0
	for _, f := range findings {
		switch message := f.Message(); {
		case f.Class != class:
		case left > 0 || note.Len()+len(message) > maxEventNote-len("; and 1000 more"):
			left++
		case note.Len() > 0:
			note.WriteString("; " + message)
		default:
			note.WriteString(message)
		}
	}
	if left > 0 {
		fmt.Fprintf(&note, "; and %d more", left)
	}
	return note.String()
}

// definitionWarnings are those of a definition that no task runs yet. Where it
// is for Fargate, that is what it is looked at for.
func (h *Handlers) definitionWarnings(in *ecs.RegisterTaskDefinitionInput, def *types.TaskDefinition) []translator.Finding {
	launchType := types.LaunchTypeEc2
	if slices.Contains(in.RequiresCompatibilities, types.CompatibilityFargate) {
		launchType = types.LaunchTypeFargate
	}
	rendered := translator.RenderPodSpec(translator.TaskInput{TaskDefinition: def, LaunchType: launchType, Capabilities: h.capabilities})
	// What a call has to bring is missing here.
	ofDefinition := slices.DeleteFunc(rendered.Findings, func(f translator.Finding) bool { return f.Document != translator.TaskDefinition })
	return translator.Warnings(append(translator.RegistrationFindings(in), ofDefinition...))
}
