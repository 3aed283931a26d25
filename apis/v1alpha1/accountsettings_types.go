package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// AccountSettings are the ECS account settings of one account in one region: for
// each of its principals those that were set for it.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:path=accountsettings,categories=ecs
// +kubebuilder:printcolumn:name="Account",type=string,JSONPath=`.spec.account`
// +kubebuilder:printcolumn:name="Region",type=string,JSONPath=`.spec.region`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type AccountSettings struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AccountSettingsSpec `json:"spec"`
}

// AccountSettingsSpec is what PutAccountSetting and PutAccountSettingDefault were
// asked for.
type AccountSettingsSpec struct {
	Identity `json:",inline"`

	// Settings are values by the principal's ARN and the setting's name. Those of
	// the account's root hold for all principals that have none of their own.
	// +optional
	Settings map[string]map[string]string `json:"settings,omitempty"`
}

// AccountSettingsList is a list of AccountSettings.
//
// +kubebuilder:object:root=true
type AccountSettingsList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []AccountSettings `json:"items"`
}
