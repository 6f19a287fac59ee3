package lexicon

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSegment(t *testing.T) {
	x := Default()
	for label, want := range map[string]string{
		"microdicom": "micro dicom", "microdicom2024": "micro dicom 2024", "mlcrodicom": "mlcro dicom",
		"advancedipscanner": "advanced ip scanner", "advanced-ip-scanner": "advanced ip scanner", "obsinstalls": "obs installs",
		"obs-project": "obs project", "notepadplusplusinstall": "notepad plus plus install", "crystaldiskinfo": "crystal disk info",
		"israelpostoffice": "israel post office", "casefedcourts": "case fed courts", "openaisora2": "open ai sora 2",
		"altruistonline": "altruist online", "expertsexchange": "experts exchange", "winscp": "win scp", "7zip": "7 zip",
		"deutschepost": "deutsche post", "paiementsecurise": "paiement securise", "bancosantander": "banco santa nder",
		"xqzkw": "xqzkw", "qxzk2024": "qxzk 2024", "": "", "-": "", "--a--": "a", "mp3gain": "mp3 gain", "postman": "postman",
	} {
		if diff := cmp.Diff(strings.Fields(want), append([]string{}, x.Segment(label)...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", label, diff)
		}
	}
}

// Words of the product itself are found where the list alone would cut them.
func TestSegmentOwnWords(t *testing.T) {
	x := Default()
	for _, tt := range []struct{ label, own, want string }{
		{"truistlogin", "", "tru ist login"}, {"truistlogin", "truist", "truist login"},
		{"grammarlypro", "grammarly", "grammarly pro"}, {"xqzkwviewer", "xqzk", "xqzk w viewer"},
	} {
		got := x.AppendSegments(nil, tt.label, strings.Fields(tt.own)...)
		if diff := cmp.Diff(strings.Fields(tt.want), got); diff != "" {
			t.Errorf("%s with %q (-want +got):\n%s", tt.label, tt.own, diff)
		}
	}
}

// TestSegmentsJoin: nothing is lost and nothing added, whatever the label.
func TestSegmentsJoin(t *testing.T) {
	x := Default()
	words := x.Words()
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.OneOf(
			rapid.StringMatching(`[a-z0-9-]{0,70}`),
			rapid.StringN(0, 300, 600),
			rapid.Map(rapid.SliceOfN(rapid.IntRange(1, words.Len()), 1, 6), func(ranks []int) string {
				var b strings.Builder
				for _, r := range ranks {
					b.WriteString(words.At(r))
				}
				return b.String()
			}),
		).Draw(t, "label")
		own := rapid.SliceOfN(rapid.StringMatching(`[a-z]{0,4}`), 0, 3).Draw(t, "own")
		got := x.AppendSegments([]string{"kept"}, label, own...)
		if got[0] != "kept" || strings.Join(got[1:], "") != strings.ReplaceAll(label, "-", "") {
			t.Fatalf("%q is cut into %q", label, got)
		}
		if slices.Contains(got[1:], "") {
			t.Fatalf("%q has empty pieces: %q", label, got)
		}
		for _, p := range got {
			if utf8.ValidString(label) && !utf8.ValidString(p) {
				t.Fatalf("%q is cut within a character: %q", label, got)
			}
		}
	})
}

func TestSegmentAllocatesNothing(t *testing.T) {
	x := Default()
	dst := make([]string, 0, 16)
	own := []string{"micro"}
	if n := testing.AllocsPerRun(100, func() { dst = x.AppendSegments(dst[:0], "federalcourtdocuments-2024", own...) }); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestWords(t *testing.T) {
	w := Default().Words()
	plain := regexp.MustCompile(`^[a-z0-9]+$`)
	last := 0.0
	for rank := 1; rank <= w.Len(); rank++ {
		word := w.At(rank)
		if !plain.MatchString(word) || len(word) > maxWord {
			t.Fatalf("word %d is %q", rank, word)
		}
		if got, ok := w.Rank(word); !ok || got != rank {
			t.Fatalf("%q has rank %d, %v; it stands at %d", word, got, ok, rank)
		}
		cost, ok := w.Cost(word)
		if !ok || cost <= last || cost > 10 {
			t.Fatalf("%q costs %g after %g", word, cost, last)
		}
		last = cost
	}
	if w.Len() < 30_000 {
		t.Errorf("%d words", w.Len())
	}
	for _, word := range strings.Fields("the der une casa mueller muller dicom scanner viewer ip vpn pdf fastrak strasse download") {
		if _, ok := w.Rank(word); !ok {
			t.Errorf("%q is missing", word)
		}
	}
	for _, word := range []string{"", "\n", "you\nto", "microdicom", "# words"} {
		if rank, ok := w.Rank(word); ok {
			t.Errorf("%q is word %d", word, rank)
		}
		if _, ok := w.Cost(word); ok {
			t.Errorf("%q has a cost", word)
		}
	}
}

// The frequencies that the costs stand for add up to one.
func TestCostsAreProbabilities(t *testing.T) {
	w := NewWords("# head\none\ntwo\nthree\nfour\n")
	if w.Len() != 4 || w.At(1) != "one" || w.At(4) != "four" {
		t.Fatalf("%d words, the first %q", w.Len(), w.At(1))
	}
	for _, w := range []*Words{w, Default().Words()} {
		sum := 0.0
		for rank := 1; rank <= w.Len(); rank++ {
			cost, _ := w.Cost(w.At(rank))
			sum += math.Pow(10, -cost)
		}
		if sum < 0.97 || sum > 1.03 {
			t.Errorf("the frequencies of %d words add up to %g", w.Len(), sum)
		}
	}
}

func BenchmarkSegment(b *testing.B) {
	x := Default()
	labels := strings.Fields("microdicom advancedipscanner federalcourtdocuments notepadplusplusinstall paiementsecurise xqzkwvjhgfpqmn microdicom2024")
	n := 0
	for _, l := range labels {
		n += len(l)
	}
	dst := make([]string, 0, 16)
	b.ReportAllocs()
	b.SetBytes(int64(n))
	for b.Loop() {
		for _, l := range labels {
			dst = x.AppendSegments(dst[:0], l)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/char")
}

// BenchmarkNewWords is what the first use costs.
func BenchmarkNewWords(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewWords(wordFile)
	}
}

// What is prepared reads as what is not, and nothing reads worse than runs that are no words.
func TestPreparedReadsTheSame(t *testing.T) {
	plain, prepared := newWords(wordFile, wordIndex), newWords(wordFile, wordIndex)
	prepared.Prepare()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(
			rapid.StringMatching(`[a-z0-9]{0,40}`),
			rapid.Map(rapid.SliceOfN(rapid.IntRange(1, plain.Len()), 1, 5), func(ranks []int) string {
				var b strings.Builder
				for _, r := range ranks {
					b.WriteString(plain.At(r))
				}
				return b.String()
			}),
		).Draw(t, "text")
		want, got := plain.ReadCost(s), prepared.ReadCost(s)
		if want != got || !slices.Equal(plain.AppendSegments(nil, s), prepared.AppendSegments(nil, s)) {
			t.Errorf("%q costs %v prepared, not %v", s, got, want)
		}
		if most := plain.MostReadCost(s); want > most+1e-4 {
			t.Errorf("%q costs %v, more than %v", s, want, most)
		}
	})
}

// Both ends of a text read as they do alone.
func TestReadEnds(t *testing.T) {
	w := Default().Words()
	var r Reading
	letters := rapid.StringMatching(`([a-e0-2]|the|soft|ware|micro|download|x){0,14}`)
	rapid.Check(t, func(t *rapid.T) {
		s := letters.Draw(t, "text")
		heads, tails := make([]float32, len(s)+1), make([]float32, len(s)+1)
		w.ReadEnds(&r, s, heads, tails)
		for i := range len(s) + 1 {
			if got, want := float64(heads[i]), w.ReadCost(s[:i]); got != want {
				t.Fatalf("head %q of %q: %v, want %v", s[:i], s, got, want)
			}
			if got, want := float64(tails[i]), w.ReadCost(s[i:]); math.Abs(got-want) > 1e-4 {
				t.Fatalf("tail %q of %q: %v, want %v", s[i:], s, got, want)
			}
		}
	})
}
