package localcluster

import (
	"context"
	"time"
)

// firewallPeriod is how soon pods reach each other again after another program,
// such as Docker at its start, changed the policy for forwarded packets.
const firewallPeriod = 3 * time.Second

// watch keeps the rules that let pods through for as long as the cluster runs.
func (c *Cluster) watch(ctx context.Context) {
	if !c.plan.hasNode() {
		return
	}
	ctx, c.stopWatch = context.WithCancel(context.WithoutCancel(ctx))
	c.watches.Go(func() {
		ticker := time.NewTicker(firewallPeriod)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				_ = letPodsThrough() // another program may hold the lock; asked again
			}
		}
	})
}
