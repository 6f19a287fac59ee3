package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// squatLureShare is the part of the weight of lures.txt that is counted; the rest is trade.txt's.
const squatLureShare = 0.35

const lureHeader = `# Words beside a brand before any campaign was looked at: word, weight in front of it, weight behind it; both in
# 1/100000 of all. 35 % is the share of the labels of much imitated sites beside which the word is registered (SquatPhi
# combo names, 2017; words beside at least 25 of 572 labels), the rest the guess of trade.txt.
# Written by gen; do not edit.
`

type side struct{ front, behind float64 }

// writeLures joins the words that are registered beside many brands with those of the trades.
func writeLures(corpus, trade, out string) error {
	squat, err := squatLures(corpus)
	if err != nil {
		return err
	}
	guess, err := tradeLures(trade)
	if err != nil {
		return err
	}
	all := map[string]side{}
	mix := func(from map[string]side, share float64) {
		sum := 0.0
		for _, s := range from {
			sum += s.front + s.behind
		}
		for w, s := range from {
			a := all[w]
			all[w] = side{a.front + share*s.front/sum, a.behind + share*s.behind/sum}
		}
	}
	mix(squat, squatLureShare)
	mix(guess, 1-squatLureShare)
	var words []string
	for w := range all {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		x, y := all[a], all[b]
		if d := y.front + y.behind - x.front - x.behind; math.Abs(d) > 1e-9 {
			return int(math.Copysign(1, d))
		}
		return strings.Compare(a, b)
	})
	var buf bytes.Buffer
	buf.WriteString(lureHeader)
	for _, w := range words {
		fmt.Fprintf(&buf, "%s %d %d\n", w, int(math.Round(all[w].front*1e5)), int(math.Round(all[w].behind*1e5)))
	}
	return os.WriteFile(out, buf.Bytes(), 0o644)
}

// squatLures counts beside how many labels a word is registered.
func squatLures(corpus string) (map[string]side, error) {
	f, err := os.Open(filepath.Join(corpus, "squatphi/squatting.csv.gz"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	type place struct {
		word  string
		front bool
	}
	labels := map[place]map[string]bool{}
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		row := strings.Split(lines.Text(), ",")
		if len(row) != 3 || row[2] != "combo" {
			continue
		}
		brand, _, _ := strings.Cut(row[0], ".")
		if len(brand) < 4 {
			continue
		}
		for part := range strings.SplitSeq(row[1], ".") {
			before, after, ok := strings.Cut(part, brand)
			if !ok || (before == "") == (after == "") {
				continue
			}
			p := place{strings.Trim(before+after, "-"), before != ""}
			if len(p.word) < 2 || len(p.word) > 12 || strings.Contains(p.word, "-") {
				continue // one letter is a slip
			}
			if labels[p] == nil {
				labels[p] = map[string]bool{}
			}
			labels[p][brand] = true
		}
	}
	const least = 25
	out := map[string]side{}
	for p, brands := range labels {
		s := out[p.word]
		if p.front {
			s.front = float64(len(brands))
		} else {
			s.behind = float64(len(brands))
		}
		out[p.word] = s
	}
	for w, s := range out {
		if s.front+s.behind < least {
			delete(out, w)
		}
	}
	return out, lines.Err()
}

// tradeLures reads the lines "weight words in front | words behind".
func tradeLures(file string) (map[string]side, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[string]side{}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		first, rest, _ := strings.Cut(line, " ")
		weight, err := strconv.ParseFloat(first, 64)
		front, behind, ok := strings.Cut(rest, "|")
		if err != nil || !ok {
			return nil, fmt.Errorf("%s: %q is no line of words", file, line)
		}
		const otherSide = 0.2 // how much less likely a word is on its other side
		for w := range strings.FieldsSeq(front) {
			s := out[w]
			out[w] = side{max(s.front, weight), max(s.behind, weight*otherSide)}
		}
		for w := range strings.FieldsSeq(behind) {
			s := out[w]
			out[w] = side{max(s.front, weight*otherSide), max(s.behind, weight)}
		}
	}
	return out, nil
}
