package localcluster

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// waitNode returns when the node is Ready and pods can be made: a namespace
// takes pods only once it has its default service account.
//
// A node that stood here before shows what its kubelet said then: only what is
// said after since counts.
func (p plan) waitNode(ctx context.Context, since time.Time) error {
	config, err := clientcmd.BuildConfigFromFlags("", p.adminKubeconfig())
	if err != nil {
		return fmt.Errorf("read kubeconfig %s: %w", p.adminKubeconfig(), err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client for %s: %w", config.Host, err)
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
			LastLines: lastLines(p.log("kubelet"), 10), LogPath: p.log("kubelet"), Try: "the log of the kubelet names the reason",
		}
	}
	return nil
}

func (p plan) nodeName() string {
	if p.mode == ModeSimulated {
		return simulatedNodeName
	}
	return nodeName
}
