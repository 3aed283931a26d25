package server

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
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
	client    client.Reader
	namespace string
	cache     *utilcache.LRUExpireCache
}

func newAccessKeys(c client.Reader, namespace string) *accessKeys {
	return &accessKeys{client: c, namespace: namespace, cache: utilcache.NewLRUExpireCache(1)}
}

// secret is the secret access key of an access key id. Where there is no Secret,
// there are no keys; one that cannot be read is asked for again by the next call.
func (a *accessKeys) secret(ctx context.Context, id string) (key string, found bool, err error) {
	held, ok := a.cache.Get(AccessKeysSecret)
	if !ok {
		secret := &corev1.Secret{}
		err := a.client.Get(ctx, types.NamespacedName{Namespace: a.namespace, Name: AccessKeysSecret}, secret)
		if err != nil && !apierrors.IsNotFound(err) {
			return "", false, fmt.Errorf("read the Secret %s: %w", AccessKeysSecret, err)
		}
		held = secret.Data
		a.cache.Add(AccessKeysSecret, held, keyTTL)
	}
	value, found := held.(map[string][]byte)[id]
	return string(value), found, nil
}
