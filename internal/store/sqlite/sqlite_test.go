package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"lurehound/internal/store/sqlite"
	"lurehound/internal/store/storetest"
)

func open(ctx context.Context, dir string) (storetest.Store, error) {
	return sqlite.Open(ctx, filepath.Join(dir, "hunt %3f?#.db"))
}

func TestContract(t *testing.T) { storetest.Run(t, open) }

func TestCrash(t *testing.T) { storetest.Crash(t, open) }
