package awsapi

import (
	"context"
	"regexp"
)

// Caller is who made a call, as the signature says it.
type Caller struct {
	Account, Region, AccessKeyID string
}

type callerKey struct{}

// CallerFrom returns the caller of the call that ctx belongs to.
func CallerFrom(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// WithCaller returns a context of a call by this caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	// A region becomes a part of ARNs and labels, so its form is checked even
	// where no signature is.
	regionName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)
)

// callerOf takes the account from the access key where that is an account
// number, and the region from the credential scope. Test keys have no user or
// role behind them, so the principal is the account itself.
func callerOf(s scope, defaultAccount, defaultRegion string) Caller {
	c := Caller{Account: defaultAccount, Region: defaultRegion, AccessKeyID: s.accessKeyID}
	if accountID.MatchString(s.accessKeyID) {
		c.Account = s.accessKeyID
	}
	if s.region != "" {
		c.Region = s.region
	}
	return c
}
