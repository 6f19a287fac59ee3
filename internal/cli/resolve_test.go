package cli

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// buffer is written by one goroutine and read by another.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// TestResolveInterrupted: rows come while stdin stays open, and Ctrl-C keeps
// them whole.
func TestResolveInterrupted(t *testing.T) {
	for _, format := range []string{"jsonl", "json", "csv"} {
		t.Run(format, func(t *testing.T) {
			stdin, typing := io.Pipe()
			defer stdin.Close()
			var out, errs buffer
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			status := make(chan int)
			go func() {
				env := []string{"HOME=" + t.TempDir(), "XDG_CONFIG_HOME=" + t.TempDir()}
				status <- Main(ctx, env, stdin, &out, &errs, []string{"resolve", "--lab", "--type", "A", "--format", format})
			}()
			if _, err := typing.Write([]byte("mlcrodicom[.]info\nno-such-name-here.com\nmicrodicom.com\n")); err != nil {
				t.Fatal(err)
			}
			for give := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), "microdicom.com"); {
				if time.Now().After(give) {
					t.Fatalf("nothing comes out while stdin is open: %q %q", out.String(), errs.String())
				}
				time.Sleep(5 * time.Millisecond)
			}
			interrupt()
			if got := <-status; got != exitFailed {
				t.Errorf("exit status %d", got)
			}
			text := out.String()
			for _, name := range []string{"mlcrodicom.info", "no-such-name-here.com", "microdicom.com"} {
				if !strings.Contains(text, name) {
					t.Errorf("%s is lost: %q", name, text)
				}
			}
			if format == "json" && !strings.HasSuffix(text, "\n]\n") {
				t.Errorf("the array has no end: %q", text)
			}
			if e := errs.String(); !strings.Contains(e, "read 3, exists 2, nxdomain 1, unknown 0") || !strings.Contains(e, "interrupted") {
				t.Errorf("stderr: %q", e)
			}
		})
	}
}
