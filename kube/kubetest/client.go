package kubetest

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ErrDead is what a client answers after its last write.
var ErrDead = errors.New("the process was killed")

// Client is one process's way to the server. Of client.WithWatch it has what
// Gantry uses; anything else panics.
type Client struct {
	client.WithWatch // not set
	server           *Server
	// Wrote is told of each write that was made: the object before it and after
	// it, nil where there is none.
	Wrote func(before, after client.Object)
	// Got hears of each object that was asked for by its name, there or not.
	Got func(obj client.Object)

	left  int  // the write of this number is the last; none is where it is not positive
	made  bool // that one is made
	dead  bool
	lists int
	opens int
	open  int // watches
}

// Client makes a client.
func (s *Server) Client() *Client { return &Client{server: s} }

// DieAt makes the nth write from now on the last: it is made, or lost.
func (c *Client) DieAt(n int, made bool) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.left, c.made = n, made
}

// Dead says whether the client has died.
func (c *Client) Dead() bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.dead
}

// Watching says whether each list that was read is being watched.
func (c *Client) Watching() bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.lists == c.opens
}

// Open is the number of the client's watches that are not stopped.
func (c *Client) Open() int {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.open
}

// Watches are those that are open, by what they show.
func (s *Server) Watches() []*Watch {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedStableFunc(slices.Values(s.watches), func(a, b *Watch) int { return cmp.Compare(a.name(), b.name()) })
}

// write does one write, unless the client is dead or dies of it.
func (c *Client) write(do func() (before, after client.Object, err error)) error {
	c.server.mu.Lock()
	last := c.left == 1
	c.left--
	if c.dead || last && !c.made {
		c.dead = true
		c.server.mu.Unlock()
		return ErrDead
	}
	c.dead = last
	before, after, err := do()
	c.server.mu.Unlock()
	if err == nil && c.Wrote != nil {
		c.Wrote(before, after)
	}
	if last {
		return ErrDead
	}
	return err
}

// read does one read, unless the client is dead.
func (c *Client) read(do func() error) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.dead {
		return ErrDead
	}
	return do()
}

// Get is client.Client's.
func (c *Client) Get(_ context.Context, key client.ObjectKey, obj client.Object, _ ...client.GetOption) error {
	err := c.read(func() error {
		held, err := c.server.get(c.server.kindOf(obj), key)
		if err == nil {
			set(obj, view(held, obj))
		}
		return err
	})
	if c.Got != nil {
		c.Got(obj)
	}
	return err
}

// set makes obj what value is.
func set(obj, value client.Object) { reflect.ValueOf(obj).Elem().Set(reflect.ValueOf(value).Elem()) }

// List is client.Client's.
func (c *Client) List(_ context.Context, list client.ObjectList, opts ...client.ListOption) error {
	options := client.ListOptions{}
	options.ApplyOptions(opts)
	return c.read(func() error {
		kind, like := c.server.kindOf(list), itemOf(list)
		var items []runtime.Object
		for _, obj := range inOrder(c.server.objects[kind]) {
			if covers(options.Namespace, options.LabelSelector, obj) {
				items = append(items, view(obj, like))
			}
		}
		c.lists++
		list.SetResourceVersion(strconv.FormatInt(c.server.version+1, 10))
		return meta.SetList(list, items)
	})
}

// itemOf is an empty item of a list.
func itemOf(list client.ObjectList) client.Object {
	if m, ok := list.(*metav1.PartialObjectMetadataList); ok {
		item := &metav1.PartialObjectMetadata{TypeMeta: m.TypeMeta}
		item.Kind = item.Kind[:len(item.Kind)-len("List")]
		return item
	}
	items, err := meta.GetItemsPtr(list)
	if err != nil {
		panic(err)
	}
	return reflect.New(reflect.TypeOf(items).Elem().Elem()).Interface().(client.Object)
}

// Watch is client.WithWatch's. It begins with now: nothing may happen between a
// list and its watch, see Watching.
func (c *Client) Watch(_ context.Context, list client.ObjectList, opts ...client.ListOption) (watch.Interface, error) {
	options := client.ListOptions{}
	options.ApplyOptions(opts)
	if options.Raw != nil && options.Raw.SendInitialEvents != nil {
		return nil, apierrors.NewBadRequest("lists are lists here")
	}
	w := &Watch{
		server: c.server, client: c, kind: c.server.kindOf(list), namespace: options.Namespace, selector: options.LabelSelector,
		like: itemOf(list), events: make(chan watch.Event), stopped: make(chan struct{}),
	}
	return w, c.read(func() error {
		c.opens++
		c.open++
		c.server.watches = append(c.server.watches, w)
		return nil
	})
}

// Create is client.Client's.
func (c *Client) Create(_ context.Context, obj client.Object, opts ...client.CreateOption) error {
	if len(opts) > 0 {
		panic("creations with options are not played")
	}
	return c.write(func() (before, after client.Object, err error) {
		made, err := c.server.create(obj)
		if err != nil {
			return nil, nil, err
		}
		set(obj, view(made, obj))
		return nil, made, nil
	})
}

// Delete is client.Client's.
func (c *Client) Delete(_ context.Context, obj client.Object, opts ...client.DeleteOption) error {
	options := client.DeleteOptions{}
	options.ApplyOptions(opts)
	if policy := options.PropagationPolicy; policy != nil && *policy != metav1.DeletePropagationBackground {
		panic("deletions but in the background are not played")
	}
	return c.write(func() (before, after client.Object, err error) {
		kind, key := c.server.kindOf(obj), client.ObjectKeyFromObject(obj)
		before, _ = c.server.get(kind, key)
		err = c.server.delete(obj, options)
		after, _ = c.server.get(kind, key)
		return before, after, err
	})
}

// Patch is client.Client's, for merge patches.
func (c *Client) Patch(_ context.Context, obj client.Object, patch client.Patch, _ ...client.PatchOption) error {
	return c.patch(obj, patch, "")
}

func (c *Client) patch(obj client.Object, patch client.Patch, part string) error {
	data, err := patch.Data(obj)
	if err != nil {
		return err
	}
	return c.write(func() (before, after client.Object, err error) {
		before, _ = c.server.get(c.server.kindOf(obj), client.ObjectKeyFromObject(obj))
		after, err = c.server.patch(obj, data, part)
		if err == nil {
			set(obj, view(after, obj))
		}
		return before, after, err
	})
}

// Update makes obj the current version, status included, whatever it was: for
// whoever plays a part of Kubernetes.
func (c *Client) Update(_ context.Context, obj client.Object, _ ...client.UpdateOption) error {
	return c.write(func() (before, after client.Object, err error) {
		kind := c.server.kindOf(obj)
		if before, err = c.server.get(kind, client.ObjectKeyFromObject(obj)); err != nil {
			return nil, nil, err
		}
		if after, err = c.server.stored(obj, obj); err != nil {
			return nil, nil, err
		}
		c.server.keep(kind, before, after)
		return before, after, nil
	})
}

// SubResource is client.Client's.
func (c *Client) SubResource(name string) client.SubResourceClient {
	return subresource{client: c, part: name}
}

// subresource has what Gantry uses of a client for one part of objects.
type subresource struct {
	client.SubResourceClient // not set
	client                   *Client
	part                     string
}

// Patch is client.SubResourceWriter's.
func (s subresource) Patch(_ context.Context, obj client.Object, patch client.Patch, _ ...client.SubResourcePatchOption) error {
	return s.client.patch(obj, patch, s.part)
}
