package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/spf13/cobra"

	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/taskdef"
)

// read reads the task definition and, where there is a second file, the service.
func (t *translation) read(cmd *cobra.Command, files []string) error {
	data, err := readFile(cmd.InOrStdin(), files[0])
	if err != nil {
		return err
	}
	if err := t.readDefinition(cmd, files[0], data); err != nil {
		return err
	}
	if len(files) == 1 {
		return nil
	}
	data, err = readFile(cmd.InOrStdin(), files[1])
	if err != nil {
		return err
	}
	t.service = &ecs.CreateServiceInput{}
	return readMembers(cmd, files[1], data, t.service)
}

// readDefinition takes the input of a registration, the answer of a describe
// call, or the task definition out of that answer.
func (t *translation) readDefinition(cmd *cobra.Command, file string, data []byte) error {
	var answer struct {
		TaskDefinition    json.RawMessage `json:"taskDefinition"`
		TaskDefinitionArn string          `json:"taskDefinitionArn"`
		Tags              json.RawMessage `json:"tags"`
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	switch {
	case answer.TaskDefinition != nil:
		var tagged ecs.DescribeTaskDefinitionOutput
		described, err := epochTimes(answer.TaskDefinition)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		if answer.Tags != nil {
			tags := append(append([]byte(`{"tags":`), answer.Tags...), '}')
			if err := readMembers(cmd, file, tags, &tagged); err != nil {
				return err
			}
		}
		t.tags, t.definition = tagged.Tags, &types.TaskDefinition{}
		return readMembers(cmd, file, described, t.definition)
	case answer.TaskDefinitionArn != "":
		described, err := epochTimes(data)
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		t.definition = &types.TaskDefinition{}
		return readMembers(cmd, file, described, t.definition)
	}
	in := &ecs.RegisterTaskDefinitionInput{}
	if err := readMembers(cmd, file, data, in); err != nil {
		return err
	}
	if err := taskdef.Validate(in); err != nil {
		return fmt.Errorf("ECS would not register %s: %w", file, err)
	}
	t.tags, t.definition = in.Tags, taskdef.New(in)
	return nil
}

// readMembers reads ECS JSON and says which members ECS does not know.
func readMembers(cmd *cobra.Command, file string, data []byte, into any) error {
	unknown, err := awsjson.ECS().Read(data, into)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if len(unknown) > 0 {
		cmd.PrintErrf("%s: not members that ECS knows: %s\n", file, strings.Join(unknown, ", "))
	}
	return nil
}

// epochTimes turns the times that the AWS CLI prints into those of the API.
func epochTimes(data []byte) ([]byte, error) {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	for _, name := range []string{"registeredAt", "deregisteredAt", "deleteRequestedAt"} {
		var printed time.Time
		if json.Unmarshal(members[name], &printed) == nil && !printed.IsZero() {
			members[name] = json.RawMessage(fmt.Sprintf("%.3f", float64(printed.UnixMilli())/1000))
		}
	}
	return json.Marshal(members)
}

func readFile(stdin io.Reader, name string) ([]byte, error) {
	if name == "-" {
		data, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("read standard input: %w", err)
		}
		return data, nil
	}
	return os.ReadFile(name)
}
