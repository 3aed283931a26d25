package server

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	utilcache "k8s.io/apimachinery/pkg/util/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// AccessKeysSecret is the Secret in Gantry's namespace that has a secret access
// key for each access key id.
const AccessKeysSecret = "gantry-access-keys"

// keyTTL is how long a read of the Secret serves: a key that was taken away
// works that long.
const keyTTL = 10 * time.Second

type accessKeys struct {
	client    client.Client
	namespace string
	cache     *utilcache.LRUExpireCache
}

func newAccessKeys(c client.Client, namespace string) *accessKeys {
	return &accessKeys{client: c, namespace: namespace, cache: utilcache.NewLRUExpireCache(1)}
}

func (a *accessKeys) secret(ctx context.Context, id string) (string, bool) {
	held, ok := a.cache.Get(AccessKeysSecret)
	if !ok {
		secret := &corev1.Secret{}
		if err := a.client.Get(ctx, types.NamespacedName{Namespace: a.namespace, Name: AccessKeysSecret}, secret); err != nil {
			return "", false
		}
		held = secret.Data
		a.cache.Add(AccessKeysSecret, held, keyTTL)
	}
	key, ok := held.(map[string][]byte)[id]
	return string(key), ok
}
