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
	a.merge(a.search(text, depth), offset, wide)
}

// search scans text line by line.
func (a *found) search(text string, depth int) *found {
	sub := newFound()
	sub.file, sub.files = a.file, a.files
	if depth > maxNesting {
		sub.say(fmt.Sprintf("what is encoded more than %d times over was not searched", maxNesting))
		return sub
	}
	f := file{r: strings.NewReader(text), size: int64(len(text)), depth: depth}
	at := 0
	for line := range strings.Lines(text) {
		b := []byte(strings.TrimRight(line, "\r\n"))
		r := textRun{text: b, hi: len(b), base: int64(at)}
		finder{acc: sub, run: &r, f: f, depth: depth}.all()
		at += len(line)
	}
	return sub
}

// merge takes over what was found in something that stands at offset.
func (a *found) merge(sub *found, offset int64, wide bool) {
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
	a.crowded += sub.crowded
	for _, p := range sub.problem {
		a.keep(p)
	}
}

// hidden is merge for what undoing a script has shown: of what stands there openly too, the place is better known.
func (a *found) hidden(sub *found, offset int64, wide bool) {
	sub.noise = 0
	sub.places = slices.DeleteFunc(sub.places, func(p order) bool {
		_, ok := a.seen[p.Kind+"\x00"+p.Value]
		return ok
	})
	a.merge(sub, offset, wide)
}

// say keeps one sentence on the file at hand, once.
func (a *found) say(s string) { a.keep(in(a.file, s)) }

func (a *found) keep(s string) {
	if !slices.Contains(a.problem, s) && len(a.problem) < maxOfKind {
		a.problem = append(a.problem, s)
	}
}
