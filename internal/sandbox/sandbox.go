// Package sandbox runs a named parser of hostile bytes in a limited child of our own binary: no
// network, no place to write, little memory and time, and one bounded answer. A panic, an endless
// loop, memory exhaustion or an overflown stack ends the child and is an answer too. What this
// system could not enforce is said by Strength, never assumed. It parses nothing itself.
package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Parser reads input and answers with something that encoding/json can write. It runs in the
// child. Input's offset is shared with the parent: read with ReadAt.
type Parser func(ctx context.Context, input *os.File, args []byte) (answer any, err error)

// Limits bound one run. A zero field is the default of DefaultLimits.
type Limits struct {
	Memory int64         // bytes of private data, programs started by the parser counted on their own
	CPU    time.Duration // of all threads together; whole seconds, rounded up
	Wall   time.Duration // from start to answer
	Answer int           // bytes of JSON
	// Memfd is the size to which each memory file may grow. 0: no file of any kind can be written.
	Memfd int64
	// Programs lets the parser start other programs, under the same limits.
	Programs bool
}

// DefaultLimits are those of an ordinary file: 512 MiB, 10 s of processor time, 1 MiB of answer.
func DefaultLimits() Limits {
	return Limits{Memory: 512 << 20, CPU: 10 * time.Second, Wall: 60 * time.Second, Answer: 1 << 20}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	if l.Memory <= 0 {
		l.Memory = d.Memory
	}
	if l.CPU <= 0 {
		l.CPU = d.CPU
	}
	if l.Wall <= 0 {
		l.Wall = max(d.Wall, 2*l.CPU)
	}
	if l.Answer <= 0 {
		l.Answer = d.Answer
	}
	return l
}

// maxArgs bounds what is handed to a parser.
const maxArgs = 1 << 20

// marker is the only variable of the child's environment that we set by ourselves; its value is
// the parser's name.
const marker = "LUREHOUND_SANDBOX"

// request is what the parent writes to the child's standard input, after its length. The pipe
// then stays open: its end tells the child that the parent is gone.
type request struct {
	Name   string
	Args   []byte
	Limits Limits
	Apart  bool // started in namespaces of its own
	Input  uintptr
}

// Run lets the named parser read input in a child. The answer is JSON as the parser gave it, at
// most lim.Answer bytes. Every error is a *Failure; the child and all that it started are gone on
// return. Input may be nil. A descriptor that was opened for reading only is what a parser should get.
func Run(ctx context.Context, name string, input *os.File, args []byte, lim Limits) (json.RawMessage, error) {
	fail := func(err error) (json.RawMessage, error) {
		return nil, &Failure{Reason: NotStarted, Parser: name, Detail: err.Error(), cause: err}
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	if len(args) > maxArgs {
		return fail(fmt.Errorf("%d bytes of arguments, more than %d", len(args), maxArgs))
	}
	lim = lim.filled()
	if input == nil {
		null, err := os.Open(os.DevNull)
		if err != nil {
			return fail(fmt.Errorf("opening an empty input: %w", err))
		}
		defer null.Close()
		input = null
	}
	// The kernel sends the death signal when the thread ends that started the child, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := start(name, input, lim)
	if err != nil {
		return fail(err)
	}
	return c.answer(ctx, request{Name: name, Args: args, Limits: lim, Apart: c.apart, Input: c.input})
}

// child is a started copy of ourselves.
type child struct {
	cmd            *exec.Cmd
	stdin          *os.File
	stdout, stderr *os.File
	apart          bool
	input          uintptr
	mu             sync.Mutex
	reaped         bool
}

// start prefers namespaces of the child's own, and does without where they are refused.
func start(name string, input *os.File, lim Limits) (*child, error) {
	c, err := startApart(name, input, lim, true)
	if err != nil && namespacesRefused(err) {
		return startApart(name, input, lim, false)
	}
	return c, err
}

func startApart(name string, input *os.File, lim Limits, apart bool) (_ *child, err error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding our own program: %w", err)
	}
	var ours, theirs []*os.File
	defer func() {
		closeAll(theirs...)
		if err != nil {
			closeAll(ours...)
		}
	}()
	var pipes [3]struct{ r, w *os.File }
	for i := range pipes {
		if pipes[i].r, pipes[i].w, err = os.Pipe(); err != nil {
			return nil, fmt.Errorf("making pipes: %w", err)
		}
		mine, its := pipes[i].r, pipes[i].w
		if i == 0 {
			mine, its = its, mine
		}
		ours, theirs = append(ours, mine), append(theirs, its)
	}
	cmd := exec.Command(exe)
	cmd.Dir = rootDir()
	cmd.Env = append(systemEnv(), marker+"="+name,
		// A quarter stays for what the garbage collector does not count: stacks, the program itself, garbage in flight.
		fmt.Sprintf("GOMEMLIMIT=%d", lim.Memory/4*3), "GOTRACEBACK=single")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs[0], theirs[1], theirs[2]
	handle, release, err := hand(cmd, input)
	if err != nil {
		return nil, fmt.Errorf("handing over the input: %w", err)
	}
	defer release()
	confineStart(cmd, apart)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a copy of ourselves: %w", err)
	}
	return &child{cmd: cmd, stdin: ours[0], stdout: ours[1], stderr: ours[2], apart: apart, input: handle}, nil
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		f.Close()
	}
}

// answer talks with the child until it ended. It owns the child's pipes.
func (c *child) answer(ctx context.Context, req request) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, req.Limits.Wall, errWall)
	defer cancel()
	var said headTail
	var frame []byte
	var tooLarge bool
	var wg sync.WaitGroup
	wg.Go(func() { io.Copy(&said, c.stderr) })
	wg.Go(func() {
		frame, _ = io.ReadAll(io.LimitReader(c.stdout, int64(1+req.Limits.Answer+1)))
		if tooLarge = len(frame) > 1+req.Limits.Answer; tooLarge {
			c.kill()
		}
	})
	wg.Go(func() {
		b, err := json.Marshal(req)
		if err == nil {
			// An error is the child's early end, which its exit tells better.
			c.stdin.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
		}
	})
	ended := make(chan struct{})
	wg.Go(func() {
		select {
		case <-ctx.Done():
			c.kill()
		case <-ended:
		}
	})
	state, err := c.wait()
	close(ended)
	// The pipes of a dead family are at their end; one that fled the group must not hold us.
	grace := time.AfterFunc(time.Second, func() { closeAll(c.stdout, c.stderr, c.stdin) })
	wg.Wait()
	grace.Stop()
	closeAll(c.stdout, c.stderr, c.stdin)
	if err != nil {
		return nil, &Failure{Reason: Crashed, Parser: req.Name, Detail: "waiting for it: " + err.Error(), cause: err}
	}
	end := ending{frame: frame, tooLarge: tooLarge, state: state, stderr: said.String(), ctx: ctx, req: req}
	return end.read()
}

var errWall = errors.New("the time for an answer is over")

// headTail keeps the beginning and the end of what is written to it: Go says why it dies at the
// beginning of its last words.
type headTail struct{ head, tail []byte }

const keptStderr = 8 << 10 // bytes, at each end

func (h *headTail) Write(p []byte) (int, error) {
	n := len(p)
	if room := keptStderr - len(h.head); room > 0 {
		k := min(room, len(p))
		h.head, p = append(h.head, p[:k]...), p[k:]
	}
	if len(p) > keptStderr {
		p = p[len(p)-keptStderr:]
	}
	h.tail = append(h.tail, p...)
	if over := len(h.tail) - keptStderr; over > 0 {
		h.tail = append(h.tail[:0], h.tail[over:]...)
	}
	return n, nil
}

func (h *headTail) String() string {
	return strings.ToValidUTF8(string(h.head)+string(h.tail), "\ufffd")
}
