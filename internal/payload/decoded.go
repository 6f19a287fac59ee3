package payload

import (
	"fmt"
	"slices"
	"strings"
)

const maxNesting = 3 // decodings of what was decoded

// decoded scans text that was made from what stands at offset, which is where all that it holds is said to
// be. depth counts the decodings that led to it.
func (a *found) decoded(text string, offset int64, wide bool, depth int) {
	if text == "" {
		return
	}
	if depth > maxNesting {
		a.say(fmt.Sprintf("what is encoded more than %d times over was not searched", maxNesting))
		return
	}
	sub := newFound()
	sub.file, sub.files = a.file, a.files
	f := file{r: strings.NewReader(text), size: int64(len(text)), depth: depth}
	at := 0
	for line := range strings.Lines(text) {
		b := []byte(strings.TrimRight(line, "\r\n"))
		r := textRun{text: b, hi: len(b), base: int64(at)}
		finder{acc: sub, run: &r, f: f, depth: depth}.all()
		at += len(line)
	}
	for _, p := range sub.places {
		if p.Kind == "key" {
			a.keys[p.Value] = sub.keys[p.Value]
		}
		a.add(p.Kind, p.Value, offset, wide)
	}
	for kind, n := range sub.cut {
		a.cut[kind] += n
	}
	a.noise += sub.noise
	for _, p := range sub.problem {
		a.keep(p)
	}
}

// say keeps one sentence on the file at hand, once.
func (a *found) say(s string) { a.keep(in(a.file, s)) }

func (a *found) keep(s string) {
	if !slices.Contains(a.problem, s) && len(a.problem) < maxOfKind {
		a.problem = append(a.problem, s)
	}
}
