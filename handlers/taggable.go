package handlers

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
	"github.com/gantry-ecs/gantry/arn"
	"github.com/gantry-ecs/gantry/awsapi/awsjson"
	"github.com/gantry-ecs/gantry/kube"
	"github.com/gantry-ecs/gantry/taskdef"
	"github.com/gantry-ecs/gantry/translator"
)

// taggable is a resource with its tags, and the patch that writes others: guarded
// by the version at which they were read.
type taggable struct {
	tags  []types.Tag
	write func(ctx context.Context, tags []types.Tag) error
	// look reads the resource's object anew: somebody has changed it.
	look func(ctx context.Context) error
}

// tagged makes the taggable of an object.
func tagged[T client.Object](held *kube.Collection[T], obj T, tags []types.Tag, fields func([]types.Tag) kube.Fields) taggable {
	return taggable{
		tags: tags,
		write: func(ctx context.Context, tags []types.Tag) error {
			_, err := held.Patch(ctx, obj, fields(tags))
			return err
		},
		look: func(ctx context.Context) error {
			_, _, err := held.Live(ctx, obj.GetNamespace(), obj.GetName())
			return err
		},
	}
}

// taggable finds the resource that an ARN names (Developer Guide, tagging
// resources, has the list of kinds).
func (h *Handlers) taggable(ctx context.Context, resourceARN string) (taggable, error) {
	ref, ok := arn.Parse(resourceARN)
	if !ok || !ref.IsARN {
		return taggable{}, invalidARN()
	}
	if id := identity(ctx); ref.Account != id.Account || ref.Region != id.Region {
		return taggable{}, resourceNotFound(resourceARN) // nobody sees another's
	}
	if of, ok := h.daemonKinds()[ref.Kind]; ok {
		return of(ctx, resourceARN)
	}
	return h.taggableOther(ctx, ref, resourceARN)
}

// taggableOther is for the kinds that are not of daemons.
func (h *Handlers) taggableOther(ctx context.Context, ref arn.Ref, resourceARN string) (taggable, error) {
	switch ref.Kind {
	case "cluster", "task-definition", "capacity-provider":
		if len(ref.Path) != 1 {
			return taggable{}, invalidARN()
		}
	case "service", "task", "container-instance":
		if len(ref.Path) == 1 {
			return taggable{}, shortARN()
		}
		if len(ref.Path) != 2 {
			return taggable{}, invalidARN()
		}
	case "task-set":
		if len(ref.Path) != 4 {
			return taggable{}, invalidARN()
		}
	}
	switch ref.Kind {
	case "cluster":
		return h.taggableCluster(ctx, ref.Path[0])
	case "task-definition":
		return h.taggableDefinition(ctx, ref.Path[0], resourceARN)
	case "capacity-provider":
		if builtInProvider(ref.Path[0]) {
			// The rule is documented (Developer Guide, tagging resources), the text is chosen.
			return taggable{}, invalidParameter("The capacity provider %s can not be tagged.", ref.Path[0])
		}
	case "service", "task", "container-instance", "task-set":
		return h.taggableInCluster(ctx, ref, resourceARN)
	}
	return taggable{}, resourceNotFound(resourceARN)
}

func (h *Handlers) taggableInCluster(ctx context.Context, ref arn.Ref, resourceARN string) (taggable, error) {
	cluster, err := h.clusterToTag(ctx, ref.Path[0])
	if err != nil {
		return taggable{}, err
	}
	switch ref.Kind {
	case "service":
		return h.taggableService(ctx, cluster, ref.Path[1], resourceARN)
	case "task":
		return h.taggableTask(ctx, cluster, resourceARN)
	case "task-set":
		return h.taggableTaskSet(ctx, cluster, ref.Path[1], resourceARN)
	default:
		return h.taggableInstance(cluster, resourceARN)
	}
}

// clusterToTag finds a cluster; one that was deleted is told from one that never
// was (seen as an answer of AWS).
func (h *Handlers) clusterToTag(ctx context.Context, name string) (*v1alpha1.Cluster, error) {
	id := identity(ctx)
	cluster, found, err := h.store.Clusters.Find(ctx, h.store.Namespace, kube.Name(id, name))
	switch {
	case err != nil:
		return nil, err
	case !found || cluster.Spec.Name != name || cluster.Spec.Identity != id:
		return nil, clusterNotFound()
	case cluster.Spec.DeletedAt != nil:
		return nil, inactive("cluster")
	}
	return cluster, nil
}

func (h *Handlers) taggableCluster(ctx context.Context, name string) (taggable, error) {
	cluster, err := h.clusterToTag(ctx, name)
	if err != nil {
		return taggable{}, err
	}
	held := types.Cluster{}
	if err := awsjson.Unmarshal(cluster.Spec.Definition.Raw, &held); err != nil {
		return taggable{}, fmt.Errorf("decode cluster %s: %w", name, err)
	}
	return tagged(h.store.Clusters, cluster, held.Tags, tagsInDefinition), nil
}

// tagsInDefinition is for objects that keep their tags with the rest of what
// they were given.
func tagsInDefinition(tags []types.Tag) kube.Fields {
	return kube.Fields{"spec": kube.Fields{"definition": kube.Fields{"tags": translator.TagList(tags)}}}
}

// tagsInAnnotation is for objects whose spec does not change.
func tagsInAnnotation(key string) func([]types.Tag) kube.Fields {
	return func(tags []types.Tag) kube.Fields {
		return kube.Fields{"metadata": kube.Fields{"annotations": kube.Fields{key: translator.FormatTags(tags)}}}
	}
}

func (h *Handlers) taggableDefinition(ctx context.Context, name, resourceARN string) (taggable, error) {
	ref, err := taskdef.ParseReference(name)
	if err != nil {
		return taggable{}, err
	}
	if ref.Revision == 0 {
		return taggable{}, invalidARN()
	}
	// The version comes first: what is read after it is of that version or newer.
	meta, found, err := h.store.Definitions.Find(ctx, h.store.Namespace, kube.TaskDefinitionName(identity(ctx), ref.Family, int64(ref.Revision)))
	if err != nil {
		return taggable{}, err
	}
	if !found {
		return taggable{}, resourceNotFound(resourceARN)
	}
	def, err := h.definition(ctx, name)
	if err != nil {
		return taggable{}, err
	}
	if def == nil || def.Status == types.TaskDefinitionStatusDeleteInProgress {
		return taggable{}, resourceNotFound(resourceARN)
	}
	return tagged(h.store.Definitions, meta, def.Tags, tagsInAnnotation(v1alpha1.TagsAnnotation)), nil
}

func (h *Handlers) taggableService(ctx context.Context, cluster *v1alpha1.Cluster, name, resourceARN string) (taggable, error) {
	svc, err := h.findService(ctx, cluster, name)
	switch {
	case err != nil:
		return taggable{}, err
	case svc == nil:
		return taggable{}, resourceNotFound(resourceARN)
	case svc.Spec.DeletedAt != nil:
		return taggable{}, inactive("service")
	}
	held, err := translator.ServiceSettings(svc)
	if err != nil {
		return taggable{}, err
	}
	return tagged(h.store.Services, svc, held.Tags, tagsInDefinition), nil
}

// taggableTask finds a task that has not stopped: a stopped one has no tags.
func (h *Handlers) taggableTask(ctx context.Context, cluster *v1alpha1.Cluster, resourceARN string) (taggable, error) {
	id, err := taskID(cluster, resourceARN)
	if err != nil {
		return taggable{}, err
	}
	held := h.awaitTasks(ctx, cluster, []string{id})[0]
	switch {
	case held.record != nil:
		return taggable{}, taskStopped()
	case held.pod == nil:
		return taggable{}, resourceNotFound(resourceARN)
	case translator.Observe(held.pod).Stopping():
		return taggable{}, taskStopped()
	}
	return tagged(h.store.Pods, held.pod, h.taskFromPod(held.pod).Tags, tagsInAnnotation(v1alpha1.TagsAnnotation)), nil
}

// taggableInstance keeps the tags with the cluster: the same node is an instance
// of every cluster, and each has tags of its own.
func (h *Handlers) taggableInstance(cluster *v1alpha1.Cluster, resourceARN string) (taggable, error) {
	id, err := instanceID(cluster, resourceARN)
	if err != nil {
		return taggable{}, err
	}
	if h.instance(id) == nil {
		return taggable{}, resourceNotFound(resourceARN)
	}
	key := v1alpha1.InstanceTagsPrefix + id
	var tags []types.Tag
	if text, ok := cluster.Annotations[key]; ok {
		if tags, err = translator.ParseTags(text); err != nil {
			return taggable{}, fmt.Errorf("container instance %s: %w", id, err)
		}
	}
	return tagged(h.store.Clusters, cluster, tags, tagsInAnnotation(key)), nil
}
