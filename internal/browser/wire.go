package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// What the browser may say to us. A page has a hand in most of it.
const (
	maxMessage = 48 << 20 // a picture is 11 MiB at the most, a page's text escaped 24
	maxWaiting = 16384    // events that nobody has taken yet, of some hundred bytes each
)

// errLost is that of every call when the browser has gone.
var errLost = errors.New("the browser has gone")

// message is one of the DevTools protocol, in either direction, without the zero byte at its end.
type message struct {
	ID      int64           `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *refusal        `json:"error,omitempty"`
}

// refusal is the browser's no to a command.
type refusal struct {
	Message string `json:"message"`
}

func (r *refusal) Error() string { return fmt.Sprintf("%.200q", r.Message) }

// wire speaks the DevTools protocol over two pipes, as --remote-debugging-pipe has it. A general client follows every node and
// every line of the console; here a page can flood nobody: what was not asked for is not enabled, and the rest has its caps.
type wire struct {
	out    io.WriteCloser
	in     io.ReadCloser
	events chan message // closed when the browser has gone
	gone   chan struct{}
	why    error // set when gone is closed

	writing sync.Mutex
	mu      sync.Mutex
	last    int64
	waiting map[int64]chan message
}

func newWire(in io.ReadCloser, out io.WriteCloser) *wire {
	return &wire{out: out, in: in, events: make(chan message, maxWaiting), gone: make(chan struct{}), waiting: map[int64]chan message{}}
}

// listen reads until the browser has gone, or says more than it may.
func (w *wire) listen() {
	w.why = w.read()
	close(w.gone)
	close(w.events)
}

func (w *wire) read() error {
	r := bufio.NewReaderSize(w.in, 64<<10)
	for {
		b, err := untilZero(r)
		if err != nil {
			return err
		}
		var m message
		if err := json.Unmarshal(b, &m); err != nil {
			return fmt.Errorf("reading what the browser says: %w", err)
		}
		if m.ID == 0 {
			select {
			case w.events <- m:
			default:
				return fmt.Errorf("the page makes the browser say more than %d things at once", maxWaiting)
			}
			continue
		}
		w.mu.Lock()
		answer := w.waiting[m.ID]
		delete(w.waiting, m.ID)
		w.mu.Unlock()
		if answer != nil {
			answer <- m // holds one, and there is only one answer
		}
	}
}

// untilZero gives the bytes before the next zero byte.
func untilZero(r *bufio.Reader) ([]byte, error) {
	var b []byte
	for {
		piece, err := r.ReadSlice(0)
		if len(b)+len(piece) > maxMessage {
			return nil, fmt.Errorf("the browser says more than %d bytes at once", maxMessage)
		}
		b = append(b, piece...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimSuffix(b, []byte{0}), err
	}
}

// call sends a command and decodes the answer into result, unless that is nil.
func (w *wire) call(ctx context.Context, session, method string, params, result any) error {
	answer := make(chan message, 1)
	id, err := w.send(session, method, params, answer)
	if err != nil {
		return err
	}
	select {
	case m := <-answer:
		if m.Error != nil {
			return fmt.Errorf("%s: %w", method, m.Error)
		}
		if result == nil {
			return nil
		}
		if err := json.Unmarshal(m.Result, result); err != nil {
			return fmt.Errorf("%s: reading the answer: %w", method, err)
		}
		return nil
	case <-w.gone:
		return fmt.Errorf("%s: %w: %w", method, errLost, w.why)
	case <-ctx.Done():
		w.mu.Lock()
		delete(w.waiting, id)
		w.mu.Unlock()
		return fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
}

// tell sends a command whose answer nobody waits for.
func (w *wire) tell(session, method string, params any) {
	_, _ = w.send(session, method, params, nil) // fails only when the browser has gone
}

func (w *wire) send(session, method string, params any, answer chan message) (id int64, err error) {
	var p json.RawMessage
	if params != nil {
		if p, err = json.Marshal(params); err != nil {
			return 0, fmt.Errorf("%s: %w", method, err)
		}
	}
	w.mu.Lock()
	w.last++
	id = w.last
	if answer != nil {
		w.waiting[id] = answer
	}
	w.mu.Unlock()
	b, err := json.Marshal(message{ID: id, Session: session, Method: method, Params: p})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", method, err)
	}
	w.writing.Lock()
	defer w.writing.Unlock()
	if _, err := w.out.Write(append(b, 0)); err != nil {
		return 0, fmt.Errorf("%s: %w: %w", method, errLost, err)
	}
	return id, nil
}

func (w *wire) close() {
	_ = w.out.Close()
	_ = w.in.Close()
}
