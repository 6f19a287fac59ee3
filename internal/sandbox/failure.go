package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Reason is why a run gave no answer.
type Reason string

// The reasons.
const (
	Failed         Reason = "failed"             // the parser said so itself: Detail is its error
	OutOfMemory    Reason = "out of memory"      // Limits.Memory
	OutOfCPU       Reason = "out of CPU time"    // Limits.CPU
	TimedOut       Reason = "timed out"          // Limits.Wall, or the caller's deadline
	Cancelled      Reason = "cancelled"          // by the caller
	AnswerTooLarge Reason = "answer too large"   // Limits.Answer
	Crashed        Reason = "crashed"            // Detail says with what
	NotStarted     Reason = "could not be begun" // nothing was read
)

// Failure is the error of Run.
type Failure struct {
	Reason Reason
	Parser string
	Detail string // "" when the reason says all
	Stderr string // what the child wrote there, at most 16 KiB
	cause  error
}

func (f *Failure) Error() string {
	if f.Detail == "" {
		return fmt.Sprintf("parsing %s apart: %s", f.Parser, f.Reason)
	}
	return fmt.Sprintf("parsing %s apart: %s: %s", f.Parser, f.Reason, f.Detail)
}

// Unwrap is the context's error where that ended the run, the system's where nothing began.
func (f *Failure) Unwrap() error { return f.cause }

// How the child begins its answer.
const (
	tagAnswer   = 'A' // JSON follows
	tagError    = 'E' // the parser's error follows
	tagTooLarge = 'L'
	tagUnknown  = 'U' // no parser of that name
)

// Exit statuses of the child. Go's runtime uses 2.
const exitCPU = 87

// ending is all that is known when a child is gone.
type ending struct {
	frame    []byte
	tooLarge bool
	state    *os.ProcessState
	stderr   string
	ctx      context.Context
	req      request
}

func (e ending) read() (json.RawMessage, error) {
	f := &Failure{Parser: e.req.Name, Stderr: e.stderr}
	switch {
	case e.tooLarge, len(e.frame) > 0 && e.frame[0] == tagTooLarge:
		f.Reason, f.Detail = AnswerTooLarge, fmt.Sprintf("more than %d bytes", e.req.Limits.Answer)
	case e.state.Success() && len(e.frame) > 0 && e.frame[0] == tagAnswer && json.Valid(e.frame[1:]):
		return e.frame[1:], nil
	case e.state.Success() && len(e.frame) > 0 && e.frame[0] == tagError:
		f.Reason, f.Detail = Failed, string(e.frame[1:])
	case e.state.Success() && len(e.frame) > 0 && e.frame[0] == tagUnknown:
		f.Reason, f.Detail = NotStarted, "there is no such parser"
	case e.state.ExitCode() == exitCPU, strings.Contains(e.stderr, "SIGXCPU"), e.ranOutOfCPU():
		f.Reason, f.Detail = OutOfCPU, fmt.Sprintf("more than %v", e.req.Limits.CPU)
	case e.ctx.Err() != nil && !e.state.Exited():
		f.Reason, f.cause = Cancelled, e.ctx.Err()
		if errors.Is(e.ctx.Err(), context.DeadlineExceeded) {
			f.Reason = TimedOut
		}
		if errors.Is(context.Cause(e.ctx), errWall) {
			f.Detail = fmt.Sprintf("no answer within %v", e.req.Limits.Wall)
		}
	case memoryWords(e.stderr):
		f.Reason, f.Detail = OutOfMemory, fmt.Sprintf("more than %d MiB", e.req.Limits.Memory>>20)
	case e.state.Success():
		f.Reason, f.Detail = Crashed, "it ended without an answer"
	default:
		f.Reason, f.Detail = Crashed, lastWords(e.stderr, e.state)
	}
	return nil, f
}

// ranOutOfCPU is whether the kernel ended it at the hard limit, a second past the one that we ask for.
func (e ending) ranOutOfCPU() bool {
	used := e.state.UserTime() + e.state.SystemTime()
	return !e.state.Exited() && used >= e.req.Limits.CPU && e.req.Limits.CPU >= time.Second
}

// memoryWords is whether a Go program's last words are those of one that got no more memory.
func memoryWords(stderr string) bool {
	for _, words := range []string{
		"fatal error: out of memory", "runtime: out of memory", "cannot allocate memory", "failed to create new OS thread", "pthread_create failed", "cannot map pages in arena address space", "failed to reserve", "errno=12",
	} {
		if strings.Contains(stderr, words) {
			return true
		}
	}
	return false
}

// lastWords is the line in which Go says why it dies, else how the process ended.
func lastWords(stderr string, state *os.ProcessState) string {
	var why string
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "fatal error: ") || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "SIG") {
			why = line
			break
		}
	}
	if why == "" {
		return state.String()
	}
	if len(why) > 500 {
		why = strings.ToValidUTF8(why[:500], "") + "…"
	}
	return why
}
