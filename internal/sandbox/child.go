package sandbox

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
)

// strengthParser is the name under which a child only says what holds it.
const strengthParser = "strength"

// Main does the child's work when this process is one, and then the caller ends at once; it is
// called before anything else in main, and in TestMain. Parsers may not be named "strength".
func Main(parsers map[string]Parser) (handled bool) {
	name, ok := os.LookupEnv(marker)
	if !ok {
		return false
	}
	if err := serve(name, parsers); err != nil {
		fmt.Fprintln(os.Stderr, "panic:", err) // read by lastWords
		os.Exit(3)
	}
	return true
}

func serve(name string, parsers map[string]Parser) error {
	os.Unsetenv(marker) // programs started by a parser may be ours
	out := os.Stdout
	os.Stdout = os.Stderr // what a parser prints is no answer
	req, err := readRequest(os.Stdin)
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	if req.Name != name {
		return fmt.Errorf("asked for %q and %q", name, req.Name)
	}
	debug.SetMaxStack(64 << 20) // an endless recursion is said as such, not as a lack of memory
	input := os.NewFile(req.Input, "input")
	if input == nil {
		return fmt.Errorf("there is no input")
	}
	held, err := confine(req)
	if err != nil {
		return fmt.Errorf("taking on limits: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		io.Copy(io.Discard, os.Stdin) // ends with the parent
		os.Exit(1)
	}()
	if name == strengthParser {
		return reply(out, req, held, nil)
	}
	p := parsers[name]
	if p == nil {
		_, err := out.Write([]byte{tagUnknown})
		return err
	}
	answer, err := p(ctx, input, req.Args)
	return reply(out, req, answer, err)
}

func readRequest(r io.Reader) (request, error) {
	var req request
	var n uint32
	br := bufio.NewReader(r)
	if err := binary.Read(br, binary.BigEndian, &n); err != nil {
		return req, err
	}
	if n > 2*maxArgs {
		return req, fmt.Errorf("%d bytes", n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(br, b); err != nil {
		return req, err
	}
	return req, json.Unmarshal(b, &req)
}

func reply(out io.Writer, req request, answer any, failed error) error {
	frame := []byte{tagAnswer}
	if failed != nil {
		text := failed.Error()
		frame = append([]byte{tagError}, text[:min(len(text), 4<<10, req.Limits.Answer)]...)
	} else {
		b, err := json.Marshal(answer)
		switch {
		case err != nil:
			frame = append([]byte{tagError}, "writing the answer: "+err.Error()...)
		case len(b) > req.Limits.Answer:
			frame[0] = tagTooLarge
		default:
			frame = append(frame, b...)
		}
	}
	_, err := out.Write(frame)
	return err
}

// Measures is what holds a child on this system, and what of it this system refuses or lacks.
type Measures struct {
	Held    []string
	Missing []string
}

func (m *Measures) note(what string, err error) {
	if err == nil {
		m.Held = append(m.Held, what)
		return
	}
	m.Missing = append(m.Missing, fmt.Sprintf("%s (%v)", what, err))
}

// Strength starts a child that does nothing but say what holds it.
func Strength(ctx context.Context) (Measures, error) {
	answer, err := Run(ctx, strengthParser, nil, nil, DefaultLimits())
	if err != nil {
		return Measures{}, err
	}
	var m Measures
	if err := json.Unmarshal(answer, &m); err != nil {
		return Measures{}, fmt.Errorf("reading what holds a child: %w", err)
	}
	slices.Sort(m.Held)
	slices.Sort(m.Missing)
	return m, nil
}
