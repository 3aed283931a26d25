package taskdef_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

func logsTo(driver types.LogDriver, options map[string]string) mutation {
	return web(func(c *types.ContainerDefinition) {
		c.LogConfiguration = &types.LogConfiguration{LogDriver: driver, Options: options}
	})
}

func TestLogging(t *testing.T) {
	checkRefusals(t, []refusal{
		{"awslogs", logsTo("awslogs", map[string]string{"awslogs-group": "g", "awslogs-region": "r"}), ""},
		{"awslogs without group", logsTo("awslogs", map[string]string{"awslogs-region": "r"}), "ClientException: Log driver awslogs requires options: awslogs-group"},
		{"awslogs without options", logsTo("awslogs", nil), "ClientException: Log driver awslogs requires options: awslogs-region, awslogs-group"},
		{"firelens without a router", logsTo("awsfirelens", nil), "ClientException: When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified"},
		{"firelens with a router", func(in *ecs.RegisterTaskDefinitionInput) {
			logsTo("awsfirelens", nil)(in)
			in.ContainerDefinitions[1].FirelensConfiguration = &types.FirelensConfiguration{Type: types.FirelensConfigurationTypeFluentbit}
		}, ""},
	})
}

func secret(name, from string) func(c *types.ContainerDefinition) {
	return func(c *types.ContainerDefinition) {
		c.Secrets = append(c.Secrets, types.Secret{Name: aws.String(name), ValueFrom: aws.String(from)})
	}
}

func withRole(change mutation) mutation {
	return func(in *ecs.RegisterTaskDefinitionInput) {
		in.ExecutionRoleArn = aws.String("arn:aws:iam::123456789012:role/execution")
		change(in)
	}
}

func files(values ...string) mutation {
	return web(func(c *types.ContainerDefinition) {
		for _, v := range values {
			c.EnvironmentFiles = append(c.EnvironmentFiles, types.EnvironmentFile{Value: aws.String(v), Type: types.EnvironmentFileTypeS3})
		}
	})
}

func TestSecrets(t *testing.T) {
	const clash = "ClientException: The secret name must be unique and not shared with any new or existing environment variables set on the container, such as 'A'."
	checkRefusals(t, []refusal{
		{"without a role", web(secret("A", "a")), "ClientException: When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."},
		{"with a role", withRole(web(secret("A", "a"))), ""},
		{"a registry's without a role", web(func(c *types.ContainerDefinition) {
			c.RepositoryCredentials = &types.RepositoryCredentials{CredentialsParameter: aws.String("arn:aws:secretsmanager:us-east-1:000000000000:secret:a")}
		}), "ClientException: Private repository authentication requires that the task definition specify a value for executionRoleArn."},
		{"twice", withRole(web(func(c *types.ContainerDefinition) { secret("A", "a")(c); secret("A", "b")(c) })), clash},
		{"named as a variable", withRole(web(func(c *types.ContainerDefinition) {
			secret("A", "a")(c)
			c.Environment = []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("v")}}
		})), clash},
		{"environment file", files("arn:aws:s3:::bucket/app.env"), ""},
		{"environment file by URL", files("s3://bucket/app.env"), "ClientException: Invalid arn syntax."},
		{"environment file of another kind", files("arn:aws:s3:::bucket/app.txt"), "ClientException: Environment files must have the .env file extension"},
		{"environment file without a value", files(""), "ClientException: EnvironmentFile.value should not be null or empty."},
		{
			"too many environment files", files("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"),
			"ClientException: The maximum number of environment files was exceeded. Specify ten or less and try again",
		},
	})
}

func TestProxy(t *testing.T) {
	proxy := func(container string, mode types.NetworkMode, names ...string) mutation {
		return func(in *ecs.RegisterTaskDefinitionInput) {
			in.NetworkMode = mode
			in.ProxyConfiguration = &types.ProxyConfiguration{ContainerName: aws.String(container)}
			for _, n := range names {
				in.ProxyConfiguration.Properties = append(in.ProxyConfiguration.Properties, types.KeyValuePair{Name: aws.String(n), Value: aws.String("1")})
			}
		}
	}
	checkRefusals(t, []refusal{
		{"complete", proxy("helper", "awsvpc", "IgnoredUID", "ProxyIngressPort", "ProxyEgressPort", "AppPorts"), ""},
		{"bridge", proxy("helper", ""), "ClientException: APPMESH proxy configuration is only supported in networkMode=awsvpc"},
		{"unknown container", proxy("ghost", "awsvpc"), "ClientException: Proxy container [ghost] does not exist"},
		{"no properties", proxy("helper", "awsvpc"), "ClientException: Ingress port not found"},
		{"no user", proxy("helper", "awsvpc", "ProxyIngressPort", "ProxyEgressPort", "AppPorts"), "ClientException: Ignored UID or ignored GID not found"},
	})
}
