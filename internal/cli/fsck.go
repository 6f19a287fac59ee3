package cli

import (
	"context"
	"errors"
	"fmt"
)

type fsckCmd struct{}

func (fsckCmd) Help() string {
	return `Counts every line of every feed again, follows every reference, and reads every stored value and every file of the vault.
Exit status 0 when all adds up, 1 when not.

Example:
  lurehound fsck`
}

// Run prints what is wrong, a line each.
func (fsckCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if err := g.noFormat(); err != nil {
		return err
	}
	w, store, err := g.openStored(ctx, con)
	if err != nil {
		return err
	}
	defer w.Close()
	problems, err := store.Fsck(ctx)
	if err != nil {
		return err
	}
	v, err := openVault(g, con)
	if err != nil {
		return err
	}
	if v != nil {
		broken, err := v.Verify(ctx)
		if err := errors.Join(err, v.Close()); err != nil {
			return err
		}
		problems = append(problems, broken...)
	}
	for _, p := range problems {
		fmt.Fprintln(con.stdout, p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%d things do not add up; keep the file and begin a new one with --data DIR", len(problems))
	}
	fmt.Fprintln(con.stderr, "all adds up")
	return nil
}
