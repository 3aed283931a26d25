package translator

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
)

// TestCorpusIsClassified renders every definition that people publish, as it is
// and as the input of each launch type and kind of task: each value has a
// finding with a rule, and nothing panics.
func TestCorpusIsClassified(t *testing.T) {
	files, err := filepath.Glob("../taskdef/testdata/corpus/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no definitions: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			def := &types.TaskDefinition{}
			if _, err := awsjson.ECS().Read(data, def); err != nil {
				t.Skipf("no definition that can be read: %v", err)
			}
			for _, inService := range []bool{false, true} {
				for _, capable := range []bool{false, true} {
					in := TaskInput{
						TaskDefinition: def, LaunchType: types.LaunchTypeFargate, InService: inService,
						Capabilities: Capabilities{PodLevelResources: capable, ContainerRestartRules: capable},
					}
					checkFindings(t, in, RenderPodSpec(in))
				}
			}
		})
	}
}
