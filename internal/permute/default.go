package permute

import "sync"

// DefaultWeights are those counted from all campaigns that the project knows.
func DefaultWeights() *Weights { return defaultWeights() }

var defaultWeights = sync.OnceValue(func() *Weights { return newWeights() })
