package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "ecs.gantry.dev", Version: "v1alpha1"}

// AddToScheme makes the kinds known to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&AccountSettings{}, &AccountSettingsList{},
		&Cluster{}, &ClusterList{},
		&TaskDefinition{}, &TaskDefinitionList{},
		&DaemonTaskDefinition{}, &DaemonTaskDefinitionList{},
		&Daemon{}, &DaemonList{},
		&DaemonDeployment{}, &DaemonDeploymentList{},
		&StoppedTask{}, &StoppedTaskList{},
		&ECSService{}, &ECSServiceList{},
		&ServiceRevision{}, &ServiceRevisionList{},
		&ServiceDeployment{}, &ServiceDeploymentList{},
		&ScalableTarget{}, &ScalableTargetList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
