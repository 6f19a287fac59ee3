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

// What shares a string with a form, one character left out of either, has fitting ends.
func TestEndsLetNearPiecesThrough(t *testing.T) {
	f := newFolder()
	word := rapid.StringMatching(`[a-eimnruvwcl]{1,9}`)
	rapid.Check(t, func(t *rapid.T) {
		var forms []form
		for _, w := range rapid.SliceOfN(word, 1, 4).Draw(t, "forms") {
			forms = append(forms, form{plain: f.plainForm(w)})
		}
		v := new(view)
		for _, wide := range []bool{false, true} {
			fold := func(s string) *text {
				if !v.read(s, f) {
					t.Skip()
				}
				if wide {
					return &v.wide
				}
				return &v.plain
			}
			var near nearTable
			near.build(forms, func(f form) []*text { return []*text{fold(f.plain)} })
			x := fold(rapid.OneOf(word, rapid.Custom(func(t *rapid.T) string { return edited(t, forms) })).Draw(t, "piece"))
			var h hashes
			h.read(x.bytes())
			shares := len(near.forms.get(h.piece(0, x.n))) > 0
			for i, j := 0, 0; i < x.n; i = j {
				if j = x.next(i); j-i < x.n {
					shares = shares || len(near.forms.get(h.without(0, x.n, i, j))) > 0
				}
			}
			if shares && !near.ends.fit(x, 0, x.n) {
				t.Errorf("%q is near one of %v and does not fit", x.bytes(), forms)
			}
		}
	})
}

// edited is a form with one character put in place of another, or between two.
func edited(t *rapid.T, forms []form) string {
	s := rapid.SampledFrom(forms).Draw(t, "form").plain
	at := rapid.IntRange(0, len(s)).Draw(t, "at")
	rest := min(at+rapid.IntRange(0, 1).Draw(t, "drop"), len(s))
	return s[:at] + rapid.StringMatching(`[amnruvcl]{0,1}`).Draw(t, "put") + s[rest:]
}

// The gate lets every seed through, of any length, wherever it stands.
func TestSeedsAreFound(t *testing.T) {
	f := newFolder()
	word := rapid.StringMatching(`[a-e]{1,7}`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 5).Draw(t, "words")
		text := []byte(rapid.StringMatching(`[a-e]{0,12}`).Draw(t, "text"))
		table := seedTable{code: &f.code}
		for i, w := range words {
			table.add(int32(i), w, 0, len(w))
		}
		table.build()
		end := rapid.IntRange(0, len(text)).Draw(t, "end")
		type hit struct{ word, at int }
		got, want := map[hit]int{}, map[hit]int{}
		table.scan(text, end, func(s seed, at int) { got[hit{int(s.form), at}]++ })
		for i, w := range words {
			for at := range end {
				if q := min(len(w), maxSeed); at+q <= len(text) && string(text[at:at+q]) == w[:q] {
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
