package egress

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"lurehound"
)

var _ lurehound.Clock = SystemClock{}

func TestSystemClockSleeps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c SystemClock
		began := c.Now()
		if err := c.Sleep(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
		if d := c.Now().Sub(began); d != time.Hour {
			t.Errorf("slept %s", d)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if err := c.Sleep(ctx, 0); err == nil {
			t.Error("a finished context is not reported")
		}
	})
}
