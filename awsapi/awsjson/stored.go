package awsjson

// Marshal returns an SDK struct of Amazon ECS in ECS JSON, for what is stored.
func Marshal(v any) ([]byte, error) { return ECS().Write(v) }

// Unmarshal sets the SDK struct that v points to from stored ECS JSON. Members
// that the type does not have were written by a newer release and are left out.
func Unmarshal(data []byte, v any) error {
	_, err := ECS().Read(data, v)
	return err
}
