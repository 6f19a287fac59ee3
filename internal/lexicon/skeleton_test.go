package lexicon

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSkeletonJoinsLookalikes(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"microdicom", "mlcrodlcom"}, {"microdicom", "rnicrodicom"}, {"microdicom", "nn1cr0clic0nn"},
		{"modern", "modem"}, {"rm", "mn"}, {"rrm", "mm"}, {"google", "900q1e"}, {"vvow", "wovv"}, {"uuow", "wovv"},
		{"MicroDicom", "microdicom"}, {"paypal", "раураl"}, {"microdicom", "mıcrodıcom"}, {"müller", "muller"},
		{"apple", "аррӏе"}, {"zoo", "ᴢᴏᴏ"}, {"tesla", "𝐭𝐞𝐬𝐥𝐚"}, {"strasse", "ｓｔｒａｓｓｅ"}, {"naïve", "nai\u0308ve"},
		{"soft", "so\u00adft"}, {"kelvin", "\u212aelvin"},
	} {
		if a, b := Skeleton(c.a), Skeleton(c.b); a != b {
			t.Errorf("%q has skeleton %q, %q has %q", c.a, a, c.b, b)
		}
	}
}

func TestSkeletonKeepsApart(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"microdicom", "macrodicom"}, {"putty", "pytty"}, {"deep-seek", "deepseek"}, {"ab", "ba"}, {"x", "xx"}, {"", "a"},
		{"президент", "резидент"},
	} {
		if a := Skeleton(c.a); a == Skeleton(c.b) {
			t.Errorf("%q and %q both have skeleton %q", c.a, c.b, a)
		}
	}
}

// TestGlyphsAreClosed: what the pairs connect, any number at once and one
// after the other, has one skeleton.
func TestGlyphsAreClosed(t *testing.T) {
	x := Default()
	rapid.Check(t, func(t *rapid.T) {
		label := rapid.StringOfN(rapid.SampledFrom([]rune("rnmuvwcldij1o0s5z2b86gq9e3a4t7xh-")), 1, 20, -1).Draw(t, "label")
		want := Skeleton(label)
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			g := rapid.SampledFrom(x.Glyphs).Draw(t, "glyph")
			var at []int
			for i := range len(label) {
				if strings.HasPrefix(label[i:], g.From) {
					at = append(at, i)
				}
			}
			if len(at) == 0 {
				continue
			}
			i := rapid.SampledFrom(at).Draw(t, "at")
			label = label[:i] + g.To + label[i+len(g.From):]
			if got := Skeleton(label); got != want {
				t.Fatalf("%s→%s gives %q with skeleton %q, want %q", g.From, g.To, label, got, want)
			}
		}
	})
}

// TestClassesAreGlyphs: two letters are in one class only when pairs of the
// table connect them, so that a skeleton joins no more than the technique does.
func TestClassesAreGlyphs(t *testing.T) {
	group := map[string]string{}
	var root func(string) string
	root = func(s string) string {
		if p, ok := group[s]; ok && p != s {
			return root(p)
		}
		return s
	}
	for _, g := range Default().Glyphs {
		group[root(g.From)] = root(g.To)
	}
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	for _, a := range letters {
		for _, b := range letters {
			if a, b := string(a), string(b); Skeleton(a) == Skeleton(b) && root(a) != root(b) {
				t.Errorf("%s and %s have one skeleton, but no pairs connect them", a, b)
			}
		}
	}
}

// TestEveryRuneIsStable sweeps Unicode: the skeleton of each single rune is its own skeleton.
func TestEveryRuneIsStable(t *testing.T) {
	bad := 0
	for r := rune(0); r <= utf8.MaxRune && bad < 20; r++ {
		if s := Skeleton(string(r)); Skeleton(s) != s {
			bad++
			t.Errorf("%U has skeleton %+q, which has %+q", r, s, Skeleton(s))
		}
	}
}

func TestAppendSkeletonAppends(t *testing.T) {
	for _, s := range []string{"microdicom", "münchen", ""} {
		if got := string(AppendSkeleton([]byte("r"), "n"+s)); got != "r"+Skeleton("n"+s) {
			t.Errorf("appended to r, n%s gives %q: what stood in dst was changed", s, got)
		}
	}
}

func TestAppendSkeletonDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 128)
	if n := testing.AllocsPerRun(100, func() { buf = AppendSkeleton(buf[:0], "advanced-ip-scanner") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzSkeleton(f *testing.F) {
	for _, s := range []string{"", "microdicom", "rnicrodlcom", "mıcrodıcom", "раураl", "\xff\xfer", "rrrm", "e\u0301", "\u1100\u1161", "İ", "ẞ", "\xf5ĺ", "r\u0301n", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := Skeleton(s)
		if b := Skeleton(a); a != b {
			t.Errorf("%q has skeleton %q, which has %q", s, a, b)
		}
		if !utf8.ValidString(a) {
			t.Errorf("%q has skeleton %q, which is not UTF-8", s, a)
		}
	})
}

func BenchmarkAppendSkeleton(b *testing.B) {
	for _, c := range []struct{ name, label string }{{"ascii", "advanced-ip-scanner"}, {"unicode", "mıcrodıcom-вьювер"}} {
		b.Run(c.name, func(b *testing.B) {
			buf := make([]byte, 0, 128)
			b.ReportAllocs()
			for b.Loop() {
				buf = AppendSkeleton(buf[:0], c.label)
			}
		})
	}
}
