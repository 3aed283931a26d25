package taskdef

import (
	"reflect"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// required are the members that the API reference marks as required, by
// structure. SDKs stop a request without them; other clients do not. Names and
// images of containers are checked with the containers.
//
// ECS's words are known for Container.name and Container.image only; the others
// take the same form.
var required = map[reflect.Type][]string{
	reflect.TypeFor[types.ContainerDependency]():                     {"ContainerName", "Condition"},
	reflect.TypeFor[types.ContainerRestartPolicy]():                  {"Enabled"},
	reflect.TypeFor[types.Device]():                                  {"HostPath"},
	reflect.TypeFor[types.EFSVolumeConfiguration]():                  {"FileSystemId"},
	reflect.TypeFor[types.EnvironmentFile]():                         {"Value", "Type"},
	reflect.TypeFor[types.FSxWindowsFileServerAuthorizationConfig](): {"CredentialsParameter", "Domain"},
	reflect.TypeFor[types.FSxWindowsFileServerVolumeConfiguration](): {"FileSystemId", "RootDirectory", "AuthorizationConfig"},
	reflect.TypeFor[types.FirelensConfiguration]():                   {"Type"},
	reflect.TypeFor[types.HealthCheck]():                             {"Command"},
	reflect.TypeFor[types.HostEntry]():                               {"Hostname", "IpAddress"},
	reflect.TypeFor[types.InferenceAccelerator]():                    {"DeviceName", "DeviceType"},
	reflect.TypeFor[types.LogConfiguration]():                        {"LogDriver"},
	reflect.TypeFor[types.LogDriverVolumeConfiguration]():            {"Driver"},
	reflect.TypeFor[types.NvidiaMpsAllocation]():                     {"Memory"},
	reflect.TypeFor[types.ProxyConfiguration]():                      {"ContainerName"},
	reflect.TypeFor[types.RepositoryCredentials]():                   {"CredentialsParameter"},
	reflect.TypeFor[types.ResourceRequirement]():                     {"Type"},
	reflect.TypeFor[types.S3FilesVolumeConfiguration]():              {"FileSystemArn"},
	reflect.TypeFor[types.Secret]():                                  {"Name", "ValueFrom"},
	reflect.TypeFor[types.Tmpfs]():                                   {"ContainerPath", "Size"},
	reflect.TypeFor[types.Ulimit]():                                  {"Name"},
}

// validateShape refuses enum members that the API does not know and structures
// without their required members, wherever in the request they stand.
func validateShape(in *ecs.RegisterTaskDefinitionInput) error {
	return walkShape(reflect.ValueOf(in).Elem(), "")
}

func walkShape(v reflect.Value, member string) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return walkShape(v.Elem(), member)
	case reflect.Slice:
		for i := range v.Len() {
			if err := walkShape(v.Index(i), member); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		return walkStruct(v)
	case reflect.String:
		return validateEnum(v, member)
	default:
		return nil
	}
}

func walkStruct(v reflect.Value) error {
	for _, name := range required[v.Type()] {
		f := v.FieldByName(name)
		if f.Kind() == reflect.Pointer && !f.IsNil() && f.Elem().Kind() == reflect.String {
			f = f.Elem()
		}
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			return nullOrEmpty(strings.TrimSuffix(v.Type().Name(), "Definition"), lowerFirst(name))
		}
	}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() {
			continue
		}
		if err := walkShape(v.Field(i), field.Name); err != nil {
			return err
		}
	}
	return nil
}

func nullOrEmpty(structure, member string) error {
	return clientException("%s.%s should not be null or empty.", structure, member)
}

// validateEnum looks at the strings whose SDK type lists its values. The type
// of a placement constraint has an error of its own.
func validateEnum(v reflect.Value, member string) error {
	values := v.MethodByName("Values")
	if !values.IsValid() || v.String() == "" || v.Type() == reflect.TypeFor[types.TaskDefinitionPlacementConstraintType]() {
		return nil
	}
	known := values.Call(nil)[0]
	names := make([]string, known.Len())
	for i := range names {
		names[i] = known.Index(i).String()
		if names[i] == v.String() {
			return nil
		}
	}
	if v.Type() == reflect.TypeFor[types.UlimitName]() {
		return clientException("Unrecognized ulimit name %s", v.String()) // github.com/Shippable/support/issues/3699
	}
	return invalidParameter("%s should be one of [%s]", words(member), strings.Join(names, ","))
}

// words is `launch type` for LaunchType: how ECS names a member in the text
// about its enum.
func words(member string) string {
	var b strings.Builder
	for i, r := range member {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
