package awsjson

import "sync"

// AutoScaling returns the codec of Application Auto Scaling, whose SDK module
// has no schemas, no unions and no documents.
var AutoScaling = sync.OnceValue(func() *Codec { return New(Keep, nil, nil) })
