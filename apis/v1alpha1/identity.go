package v1alpha1

// Identity says in which account and region an object lives. Object names may
// be hashes of it; the exact values are here and every lookup compares them, so
// that a collision is an error and not a mix-up.
type Identity struct {
	// Account is the AWS account, 12 digits.
	// +kubebuilder:validation:MinLength=1
	Account string `json:"account"`
	// Region is the AWS region of the request, as us-east-1.
	// +kubebuilder:validation:MinLength=1
	Region string `json:"region"`
}

// IdentityIn is the one that an object's annotations name.
func IdentityIn(annotations map[string]string) Identity {
	return Identity{Account: annotations[AccountAnnotation], Region: annotations[RegionAnnotation]}
}
