package kube

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// metadataOf makes objects of a kind of which only the metadata is held.
func metadataOf(apiVersion, kind string) func() *metav1.PartialObjectMetadata {
	return func() *metav1.PartialObjectMetadata {
		return &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}}
	}
}

func metadataListOf(apiVersion, kind string) func() client.ObjectList {
	return func() client.ObjectList {
		return &metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{APIVersion: apiVersion, Kind: kind + "List"}}
	}
}
