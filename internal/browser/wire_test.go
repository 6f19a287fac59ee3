package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"lurehound/internal/egress"
)

// saying is a browser that says this and ends.
func saying(r io.Reader) *wire {
	w := newWire(io.NopCloser(r), nopWriter{})
	w.listen()
	return w
}

type nopWriter struct{}

func (nopWriter) Write(p []byte) (int, error) { return len(p), nil }
func (nopWriter) Close() error                { return nil }

// TestWireHasCaps: a browser that a page has taken over can say what it wants, but not as much.
func TestWireHasCaps(t *testing.T) {
	for _, c := range []struct {
		name, why string
		says      io.Reader
	}{
		{"endless message", "bytes at once", io.MultiReader(strings.NewReader(`{"method":"`), &endless{n: maxMessage})},
		{"too many events", "things at once", strings.NewReader(strings.Repeat("{\"method\":\"Page.x\"}\x00", maxWaiting+1))},
		{"no JSON", "reading what the browser says", strings.NewReader("{\x00")},
		{"end", "EOF", strings.NewReader("")},
	} {
		w := saying(c.says)
		if !strings.Contains(fmt.Sprint(w.why), c.why) {
			t.Errorf("%s: it ends by %v, want %s", c.name, w.why, c.why)
		}
		if err := w.call(context.Background(), "", "Page.x", nil, nil); !errors.Is(err, errLost) {
			t.Errorf("%s: a call ends by %v", c.name, err)
		}
	}
}

// endless gives n bytes and one more.
type endless struct{ n int }

func (e *endless) Read(p []byte) (int, error) {
	if e.n < 0 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = 'x'
	}
	e.n -= len(p)
	return len(p), nil
}

// FuzzWire: whatever a browser says, it is an event, an answer that nobody waits for, or the end.
func FuzzWire(f *testing.F) {
	for _, s := range []string{
		`{"id":1,"result":{}}`, `{"method":"Fetch.requestPaused","params":{"requestId":"1","resourceType":"Document","frameId":"T","request":{"url":"http://[::1","method":"POST","headers":{"Service-Worker":"script"}}}}`,
		`{"method":"Fetch.authRequired","params":{"requestId":"1"}}`, `{"method":"Target.targetCreated","params":{"targetInfo":{"targetId":"U","type":"page"}}}`,
		`{"method":"Page.javascriptDialogOpening","sessionId":"S","params":{"type":"alert"}}`, `{"method":"Page.frameNavigated","sessionId":"S","params":{"frame":{"url":"http://a.example/"}}}`,
		`{"method":"Page.frameStoppedLoading","sessionId":"S","params":{"frameId":"T"}}`, `{"method":"Inspector.targetCrashed","sessionId":"S"}`, `{"method":"Page.loadEventFired","sessionId":"S","params":[]}`,
	} {
		f.Add([]byte(s + "\x00"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		w := saying(strings.NewReader(string(b)))
		v := &visit{process: &process{wire: w, keep: "K"}, as: egress.DefaultProfile(), look: &Look{}, target: "T", session: "S"}
		for m := range w.events {
			v.event(m)
		}
		v.report()
		if len(v.look.Problems) > 7 {
			t.Errorf("%q", v.look.Problems)
		}
		errorOf(b)
	})
}
