package service

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	utilcache "k8s.io/apimachinery/pkg/util/cache"

	"github.com/gantry-ecs/gantry/apis/v1alpha1"
)

const (
	// countDelay is how far apart the writes of a service's count are: of twenty tasks
	// that start, each would else cost a write that the other nineteen wait for. An
	// autoscaler looks every 15 s, and a scaling activity may end a second late.
	countDelay = time.Second
	// keptCounts is how many services' last writes are known; of more, some are
	// written sooner.
	keptCounts = 10_000
)

// counted spaces the writes of a count that nothing else comes with from other writes
// of the status.
type counted struct {
	once    sync.Once
	written *utilcache.LRUExpireCache // by UID, when
}

// wait is for how long the service's status need not be written; 0 where it is to be
// written now, which is noted.
func (c *counted) wait(w *world, wanted v1alpha1.ECSServiceStatus) time.Duration {
	c.once.Do(func() { c.written = utilcache.NewLRUExpireCache(keptCounts) })
	wanted.RunningCount = w.service.Status.RunningCount
	last, known := c.written.Get(w.service.UID)
	if known && equality.Semantic.DeepEqual(w.service.Status, wanted) {
		if wait := last.(time.Time).Add(countDelay).Sub(w.now); wait > 0 {
			return wait
		}
	}
	c.written.Add(w.service.UID, w.now, time.Minute)
	return 0
}
