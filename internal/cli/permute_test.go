package cli

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"

	"lurehound"
	"lurehound/internal/report"
)

// endless yields one name again and again, and says when it was stopped.
func endless(t *testing.T, stopped *bool) iter.Seq[lurehound.Permutation] {
	d, err := lurehound.ParseDomain("microdicom.net")
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(lurehound.Permutation) bool) {
		for yield(lurehound.Permutation{Domain: d, Score: 1}) {
		}
		*stopped = true
	}
}

// brokenWriter takes some octets and then fails.
type brokenWriter struct{ left int }

var errBroken = errors.New("broken")

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errBroken
	}
	return len(b), nil
}

func TestWriteNames(t *testing.T) {
	for _, n := range []int{0, 1, 255, 256, 257, 5000} {
		var out bytes.Buffer
		rows, err := report.Permutations(&out, "jsonl", report.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var stopped bool
		some := func(yield func(lurehound.Permutation) bool) {
			i := 0
			endless(t, &stopped)(func(p lurehound.Permutation) bool { i++; return i <= n && yield(p) })
		}
		if err := write(t.Context(), some, rows); err != nil || bytes.Count(out.Bytes(), []byte("\n")) != n {
			t.Errorf("of %d names %d are written, %v", n, bytes.Count(out.Bytes(), []byte("\n")), err)
		}
	}
}

func TestWriteNamesEnds(t *testing.T) {
	var stopped bool
	rows, err := report.Permutations(&brokenWriter{left: 1 << 18}, "jsonl", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), endless(t, &stopped), rows); !errors.Is(err, errBroken) || !stopped {
		t.Errorf("a writer that fails gives %v, the names ended: %v", err, stopped)
	}
	stopped = false
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rows, err = report.Permutations(&bytes.Buffer{}, "jsonl", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(ctx, endless(t, &stopped), rows); err != nil || !stopped {
		t.Errorf("a call that was given up gives %v, the names ended: %v", err, stopped)
	}
}
