package docs

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

const corpusHead = generated + `# What becomes of definitions that people publish

Counted over the definitions in [taskdef/testdata/corpus](../taskdef/testdata/corpus/README.md) that conform to the shapes
of the API: what RegisterTaskDefinition answers, and what becomes of each value when a task is started
from the definition on a current Kubernetes. [fields.md](fields.md) says what the classes mean and has the rule of every field.
`

// corpusCount is what was seen over a corpus.
type corpusCount struct {
	definitions, registered, started int
	// byField and byClass count values, reasons definitions.
	byField map[string]map[translator.Class]int
	byClass map[translator.Class]int
	reasons map[string]int
}

var classes = []translator.Class{translator.Translated, translator.Represented, translator.Refused, translator.Ignored}

// WriteCorpus writes the page about the definitions in a folder.
func WriteCorpus(w io.Writer, folder string) error {
	count, err := countCorpus(folder)
	if err != nil {
		return err
	}
	var out strings.Builder
	out.WriteString(corpusHead)
	fmt.Fprintf(&out, "\n| definitions | |\n| --- | --- |\n| all | %d |\n| registered | %d |\n| refused by ECS's own rules, in its words | %d |\n"+
		"| registered, and every field can be had in a pod | %d |\n| refused when a task is to start | %d |\n",
		count.definitions, count.registered, count.definitions-count.registered, count.started, count.registered-count.started)
	out.WriteString("\n| values of the registered definitions | |\n| --- | --- |\n")
	for _, class := range classes {
		fmt.Fprintf(&out, "| %s | %d |\n", class, count.byClass[class])
	}
	out.WriteString("\n## Why a task is refused\n\n| definitions | reason |\n| --- | --- |\n")
	for _, reason := range byCount(count.reasons) {
		fmt.Fprintf(&out, "| %d | %s |\n", count.reasons[reason], reason)
	}
	out.WriteString("\n## The fields\n\n| field | translated | represented | refused | ignored |\n| --- | --- | --- | --- | --- |\n")
	for _, field := range slices.Sorted(maps.Keys(count.byField)) {
		fmt.Fprintf(&out, "| `%s` |", field)
		for _, class := range classes {
			fmt.Fprintf(&out, " %s |", orNothing(count.byField[field][class]))
		}
		out.WriteByte('\n')
	}
	_, err = io.WriteString(w, out.String())
	return err
}

func countCorpus(folder string) (*corpusCount, error) {
	count := &corpusCount{byField: map[string]map[translator.Class]int{}, byClass: map[translator.Class]int{}, reasons: map[string]int{}}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no definitions in %s: %w", folder, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read a definition: %w", err)
		}
		in := &ecs.RegisterTaskDefinitionInput{}
		if err := awsjson.Unmarshal(data, in); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		count.definitions++
		if taskdef.Validate(in) == nil {
			count.registered++
			count.add(in)
		}
	}
	return count, nil
}

func (count *corpusCount) add(in *ecs.RegisterTaskDefinitionInput) {
	rendered := translator.RenderPodSpec(translator.TaskInput{
		TaskDefinition: taskdef.New(in), LaunchType: types.LaunchTypeEc2,
		Capabilities: translator.Capabilities{PodLevelResources: true, ContainerRestartRules: true},
	})
	// One value may be in several places of the pod; the worst class counts.
	worst := map[string]translator.Class{}
	reasons := map[string]bool{}
	for _, f := range append(translator.RegistrationFindings(in), rendered.Findings...) {
		if f.Document != translator.TaskDefinition {
			continue
		}
		if worst[f.ECS] == "" || f.Class == translator.Refused {
			worst[f.ECS] = f.Class
		}
		if f.Class == translator.Refused {
			reasons["`"+translator.FieldOf(f.ECS)+"`: "+f.Rule] = true
		}
	}
	for pointer, class := range worst {
		field := translator.FieldOf(pointer)
		if count.byField[field] == nil {
			count.byField[field] = map[translator.Class]int{}
		}
		count.byField[field][class]++
		count.byClass[class]++
	}
	for reason := range reasons {
		count.reasons[reason]++
	}
	if len(reasons) == 0 {
		count.started++
	}
}

func byCount(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
}

func orNothing(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
