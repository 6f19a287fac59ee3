package bench

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// bench is one run.
type bench struct {
	program string // the built lurehound
	self    string // this program, for what is timed in a process of its own
	corpus  string
	dir     string // scratch
	out     *tabwriter.Writer
	lines   int // of the file that is read
	names   int // that name servers are asked for
	only    string
}

// Main runs the program and gives its exit status: 1 failed, 2 misused.
func Main(ctx context.Context, env []string, stdout, stderr io.Writer, args []string) int {
	if len(args) > 0 {
		if do, ok := verbs()[args[0]]; ok {
			if err := do(stdout, args[1:]); err != nil {
				fmt.Fprintln(stderr, "bench:", err)
				return 1
			}
			return 0
		}
	}
	b := bench{out: tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)}
	parts := []func(context.Context) error{b.reading, b.making, b.starting, b.sharing}
	if len(args) > 0 && args[0] == "dns" {
		args, parts = args[1:], []func(context.Context) error{b.resolving}
	}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&b.program, "lurehound", filepath.Join("bin", "lurehound"), "the built program")
	fs.IntVar(&b.names, "names", 100_000, "dns: how many names are asked for")
	fs.StringVar(&b.only, "only", "", "dns: only the rows through a network whose title has this in it")
	if err := fs.Parse(args); err != nil || fs.NArg() > 0 {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		fmt.Fprintln(stderr, "bench: type bench [dns] [--lurehound FILE] [--names N] [--only TEXT]")
		return 2
	}
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "LUREHOUND_CORPUS="); ok {
			b.corpus = v
		}
	}
	if err := b.run(ctx, parts); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func (b *bench) run(ctx context.Context, parts []func(context.Context) error) (err error) {
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.program, err = filepath.Abs(b.program); err != nil {
		return err
	}
	if _, err := os.Stat(b.program); err != nil {
		return fmt.Errorf("%w; type make build first", err)
	}
	if b.dir, err = os.MkdirTemp("", "lurehound-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
		fmt.Fprintln(b.out)
		if err := b.out.Flush(); err != nil {
			return err
		}
	}
	return nil
}
