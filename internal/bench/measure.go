package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// runs is how often a command is timed; the best counts, as all that disturbs makes slower. One
// that takes longer than enough is timed once: little disturbances are a small share of it.
const (
	runs   = 3
	enough = 15 * time.Second
)

// cost is what a command took.
type cost struct {
	took time.Duration
	cpu  time.Duration // of the process, user and system
	peak int64         // most resident memory in octets; 0 where the system does not say
	out  string
}

// measure runs a command once. toPipe collects its output; without it, the output goes to the null device.
// grep stops at the first match when it sees the null device there.
func (b *bench) measure(ctx context.Context, toPipe bool, name string, args ...string) (cost, error) {
	if !toPipe {
		return b.measureInto(ctx, nil, name, args...)
	}
	var out bytes.Buffer
	c, err := b.measureInto(ctx, &out, name, args...)
	c.out = out.String()
	return c, err
}

// measureInto runs a command once; what it prints goes to out, or nowhere.
func (b *bench) measureInto(ctx context.Context, out io.Writer, name string, args ...string) (cost, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	// No configuration of the user's, and the octets of the file taken as they are.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "XDG_CONFIG_HOME="+b.dir)
	var errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = out, &errs
	start := time.Now()
	err := cmd.Run()
	c := cost{took: time.Since(start)}
	if err != nil {
		return c, fmt.Errorf("%s %v: %w: %s", name, args, err, errs.String())
	}
	c.peak, c.cpu = peak(cmd.ProcessState), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	return c, nil
}

// best runs a command several times and gives the fastest run.
func (b *bench) best(ctx context.Context, toPipe bool, name string, args ...string) (cost, error) {
	var best cost
	for i := range runs {
		c, err := b.measure(ctx, toPipe, name, args...)
		if err != nil {
			return c, err
		}
		if i == 0 || c.took < best.took {
			best = c
		}
		if best.took > enough {
			break
		}
	}
	return best, nil
}

func (c cost) memory() string {
	if c.peak == 0 {
		return "?"
	}
	return fmt.Sprintf("%.0f MB", float64(c.peak)/(1<<20))
}
