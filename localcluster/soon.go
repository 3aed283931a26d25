package localcluster

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// soon tries until it is done, for limit at most. It has a time of its own: what
// is to be taken away is taken away although the caller's time is up.
func soon(limit time.Duration, try func() (done bool, err error)) error {
	return wait.PollUntilContextTimeout(context.Background(), 20*time.Millisecond, limit, true,
		func(context.Context) (bool, error) { return try() })
}
