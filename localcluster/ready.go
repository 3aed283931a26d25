package localcluster

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// waitNode returns when the node is Ready and pods can be made: a namespace
// takes pods only once it has its default service account.
//
// A node that stood here before shows what its kubelet said then: only what is
// said after since counts.
func (p plan) waitNode(ctx context.Context, since time.Time) error {
	client, err := p.client()
	if err != nil {
		return err
	}
	name := p.nodeName()
	reason := "it has not registered"
	err = wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, readyLimit, true, func(ctx context.Context) (bool, error) {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, nil //nolint:nilerr // asked again until the limit
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady {
				reason = condition.Message
				if condition.Status != corev1.ConditionTrue || condition.LastHeartbeatTime.Time.Before(since.Truncate(time.Second)) {
					return false, nil
				}
				_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
				return err == nil, nil
			}
		}
		return false, nil
	})
	if err != nil {
		return &ComponentError{
			Component: "node " + name, Err: fmt.Errorf("not Ready: %s: %w", reason, err),
			LastLines: LastLines(p.log("kubelet"), 10), LogPath: p.log("kubelet"), Try: "the log of the kubelet names the reason",
		}
	}
	return nil
}

// restConfig is for clients of this package's own: unlimited, and past any proxy.
func restConfig(kubeconfig string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig %s: %w", kubeconfig, err)
	}
	config.QPS = -1
	config.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	return config, nil
}

func (p plan) client() (kubernetes.Interface, error) {
	config, err := restConfig(p.adminKubeconfig())
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for %s: %w", config.Host, err)
	}
	return client, nil
}

// removeOtherNode: a state directory that was the simulated kind and is now
// the real one, or the other way round, holds a node that never comes back.
func (p plan) removeOtherNode(ctx context.Context) error {
	client, err := p.client()
	if err != nil {
		return err
	}
	other := simulatedNodeName
	if p.mode == ModeSimulated {
		other = nodeName
	}
	if err := client.CoreV1().Nodes().Delete(ctx, other, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove node %s: %w", other, err)
	}
	return nil
}

func (p plan) nodeName() string {
	if p.mode == ModeSimulated {
		return simulatedNodeName
	}
	return nodeName
}
