package translator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	corev1 "k8s.io/api/core/v1"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

// NextProvider says which capacity provider the next task is of, where so many
// are there of each: first the base of the one that has one, then by weight (API
// reference, CapacityProviderStrategyItem). It is empty for no strategy.
func NextProvider(strategy []types.CapacityProviderStrategyItem, tasks map[string]int32) string {
	var weights, shared int32
	for _, item := range strategy {
		name := aws.ToString(item.CapacityProvider)
		if tasks[name] < item.Base {
			return name
		}
		weights += item.Weight
		shared += tasks[name] - item.Base
	}
	// Who is furthest behind its share is next, the first of those alike.
	next, furthest := "", int32(0)
	for i, item := range strategy {
		name := aws.ToString(item.CapacityProvider)
		if behind := item.Weight*(shared+1) - (tasks[name]-item.Base)*weights; i == 0 || behind > furthest {
			next, furthest = name, behind
		}
	}
	return next
}

// providersOf writes a strategy for the pods of a service's tasks, which are dealt
// out to several providers: name=base:weight, comma-separated. It is empty where
// all tasks are of one.
func providersOf(strategy []types.CapacityProviderStrategyItem) string {
	if len(strategy) < 2 {
		return ""
	}
	items := make([]string, len(strategy))
	for i, item := range strategy {
		items[i] = fmt.Sprintf("%s=%d:%d", aws.ToString(item.CapacityProvider), item.Base, item.Weight)
	}
	return strings.Join(items, ",")
}

// ProvidersToDeal is the strategy by which the tasks of a pod's service are dealt
// out; none where all are of one provider.
func ProvidersToDeal(pod *corev1.Pod) []types.CapacityProviderStrategyItem {
	var strategy []types.CapacityProviderStrategyItem
	for _, text := range splitList(pod.Annotations[v1alpha1.ProvidersAnnotation]) {
		name, numbers, _ := strings.Cut(text, "=")
		base, weight, _ := strings.Cut(numbers, ":")
		strategy = append(strategy, types.CapacityProviderStrategyItem{
			CapacityProvider: aws.String(name), Base: number(base), Weight: number(weight),
		})
	}
	return strategy
}

// number reads what Gantry wrote.
func number(text string) int32 {
	n, _ := strconv.ParseInt(text, 10, 32)
	return int32(n)
}
