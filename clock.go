package lurehound

import (
	"context"
	"time"
)

// Clock is the time that the program lives in. A laboratory has its own, which
// jumps while somebody sleeps.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error // nil, or ctx's error
}
