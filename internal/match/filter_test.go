package match

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lurehound/internal/lexicon"
)

// A table is a map of lists that keep their order.
func TestTableIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOf(rapid.Uint64Range(0, 300)).Draw(t, "keys")
		want := map[uint64][]int{}
		var entries []entry[int]
		for i, k := range keys {
			want[k] = append(want[k], i)
			entries = append(entries, entry[int]{k, i})
		}
		table := newTable(entries)
		for k := range uint64(301) {
			if d := cmp.Diff(want[k], slices.Clone(table.get(k))); d != "" {
				t.Errorf("%d: -want +got\n%s", k, d)
			}
		}
	})
}

// A piece is near a form when both, with at most one character left out, are the same.
func TestNearIsWhatSharesAString(t *testing.T) {
	f, all := newFolder(), newSpreads()
	word := rapid.StringMatching(`[a-eimnruvwcl]{1,9}`)
	shorter := func(x *text) map[string]bool {
		out := map[string]bool{string(x.bytes()): true}
		for i, j := 0, 0; i < x.n; i = j {
			j = x.next(i)
			out[string(x.class[:i])+string(x.class[j:x.n])] = true
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		ix := &Index{fold: f, spreads: all}
		var near nearTable
		var h hashes
		strings := map[string]bool{}
		for _, w := range rapid.SliceOfN(word, 1, 4).Draw(t, "forms") {
			plain := f.plainForm(w)
			ix.forms = append(ix.forms, form{plain: plain, word: int32(len(ix.words))})
			ix.words = append(ix.words, fullWord(plain))
			for _, s := range append(f.wideForms(plain), plain) {
				var x text
				x.spell(plain, s, f)
				near.add(int32(len(ix.forms)-1), &x, all, &h)
				for s := range shorter(&x) {
					strings[s] = true
				}
			}
		}
		near.build()
		s := new(scratch)
		name := rapid.OneOf(word, rapid.Custom(func(t *rapid.T) string { return edited(t, ix.forms) })).Draw(t, "piece")
		if name == "" || !s.view.read(name, f) {
			t.Skip()
		}
		for _, x := range []*text{&s.view.plain, s.view.wide} {
			want := false
			for piece := range shorter(x) {
				want = want || piece != "" && strings[piece]
			}
			s.found, s.hashes.done = nil, false
			pieces{ix, s, x, &s.hashes, &near, x == &s.view.plain}.near(0, x.n)
			if got := len(s.found) > 0; got != want {
				t.Errorf("%q near one of %v: got %v, want %v", x.bytes(), ix.forms, got, want)
			}
		}
	})
}

func fullWord(plain string) word { return word{text: plain, plain: plain} }

// edited is a form with one character put in place of another, or between two.
func edited(t *rapid.T, forms []form) string {
	s := rapid.SampledFrom(forms).Draw(t, "form").plain
	at := rapid.IntRange(0, len(s)).Draw(t, "at")
	rest := min(at+rapid.IntRange(0, 1).Draw(t, "drop"), len(s))
	return s[:at] + rapid.StringMatching(`[amnruvcl]{0,1}`).Draw(t, "put") + s[rest:]
}

// The gate lets every seed through, of any length, wherever it stands.
func TestSeedsAreFound(t *testing.T) {
	word := rapid.StringMatching(`[a-e]{1,10}`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 5).Draw(t, "words")
		var x text
		x.n = copy(x.class[:], rapid.StringMatching(`[a-e]{0,14}`).Draw(t, "text"))
		x.set = setOf(string(x.bytes()))
		x.end()
		var table seedTable[blockSeed]
		for i, w := range words {
			addBlock(&table, int32(i), int32(i), w, 0, len(w), 0)
		}
		table.build()
		end := rapid.IntRange(0, x.n).Draw(t, "end")
		type hit struct{ word, at int }
		got, want := map[hit]int{}, map[hit]int{}
		for _, s := range scan(&table, &x, end, new(positions), nil) {
			got[hit{int(s.form), s.at}]++
		}
		for i, w := range words {
			for at := range end {
				if q := min(len(w), maxSeed); at+q <= x.n && string(x.class[at:at+q]) == w[:q] {
					want[hit{i, at}]++
				}
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("-want +got\n%s", d)
		}
	})
}

func TestAffixLengths(t *testing.T) {
	var a affixSet
	f := newFolder()
	a.build(lexicon.Default(), f)
	v := new(view)
	for _, affix := range lexicon.Default().Affixes {
		p := f.plainForm(affix.Word)
		if len(p) < 2 || !v.read("x"+p+"x", f) {
			continue
		}
		n := len(p)
		if a.startLengths(&v.plain, 1, n+2)>>n&1 == 0 || a.endLengths(&v.plain, 0, n+1)>>n&1 == 0 {
			t.Errorf("%s is not looked up", affix.Word)
		}
	}
}

// extend is the distance of optimal string alignment, of form and the best
// beginning of the text.
func TestExtendIsEditDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.StringMatching(`[a-d]{0,12}`).Draw(t, "form")
		text := rapid.StringMatching(`[a-d]{0,70}`).Draw(t, "text")
		most := rapid.IntRange(0, reach).Draw(t, "most")
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		back := rapid.Bool().Draw(t, "back")
		a := around{text: []byte(text)}
		w, shift, length := a.from(at, len(text))
		ahead, word := text[at:], form
		if back {
			w, shift, length = a.before(at)
			ahead, word = reversed(text[:at]), reversed(form)
		}
		best, taken := most+1, 0
		for j := range min(len(ahead), len(form)+reach) + 1 {
			d := distance(word, ahead[:j])
			if d < best || d == best && abs(j-len(form)) < abs(taken-len(form)) {
				best, taken = d, j
			}
		}
		e, n, ok := extend(form, back, w, shift, length, most)
		if ok != (best <= most) || ok && (e != best || n != taken) {
			t.Errorf("got %d edits, %d taken, %v; want %d, %d", e, n, ok, best, taken)
		}
	})
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// distance counts edits, a swap of neighbours as one.
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = 1 + min(d[i-1][j-1], d[i-1][j], d[i][j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
