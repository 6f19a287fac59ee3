package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// patience is how long is waited for another process before that is said.
const patience = 500 * time.Millisecond

// lock keeps other processes out of what the file stands for until the world is
// closed; it waits for one that is in. The operating system ends the lock of a
// process that dies.
func (w *world) lock(ctx context.Context, path, waiting string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("the data folder: %w (--data DIR names another)", err)
	}
	type locked struct {
		unlock func()
		err    error
	}
	done := make(chan locked, 1)
	go func() {
		unlock, err := lockedfile.MutexAt(path).Lock()
		done <- locked{unlock, err}
	}()
	say := time.NewTimer(patience)
	defer say.Stop()
	for {
		select {
		case l := <-done:
			if l.err != nil {
				return fmt.Errorf("locking: %w", l.err)
			}
			w.closers = append(w.closers, func() error { l.unlock(); return nil })
			return nil
		case <-say.C:
			fmt.Fprintln(w.con.stderr, waiting)
		case <-ctx.Done():
			return ctx.Err() // the process ends, and with it the wait
		}
	}
}
