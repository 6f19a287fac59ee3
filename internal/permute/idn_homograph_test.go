package permute

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/idna"
	"pgregory.net/rapid"

	"lurehound/internal/lexicon"
)

func TestIDNHomograph(t *testing.T) {
	check(t, idnHomograph(), "microdicom", "mıcrodıcom mıcrodicom microdịcom microɗicom mìcrodicom", "microdicom mlcrodicom мicrodicom mісrоdісоm")
	check(t, idnHomograph(), "apple", "аррӏе ɑpple applẹ", "аpple appӏe")
	check(t, idnHomograph(), "pay-1", "рау-1", "рay-1")
	check(t, idnHomograph(), "aero", "æro", "")
	check(t, idnHomograph(), "xn--mller-kva", "", "xn--mller-kva")
}

// TestIDNHomographLaws holds under every suffix: an A-label that IDNA2008 and
// the registry take, the word's skeleton, no duplicate, one order.
func TestIDNHomographLaws(t *testing.T) {
	x := lexicon.Default()
	all := brands(t)
	rapid.Check(t, func(t *rapid.T) {
		tg := rapid.SampledFrom(all).Draw(t, "brand")
		opt := Options{Budget: rapid.IntRange(1, 300).Draw(t, "budget"), Techniques: []string{"idn-homograph"}}
		if rapid.Bool().Draw(t, "suffixes") {
			opt.Techniques = append(opt.Techniques, "tld-swap", "hosted", "wrong-second-level")
		}
		seen := map[string]bool{}
		var order []string
		for p := range Permutations(tg, x, opt) {
			checkName(t, tg, p, seen)
			order = append(order, p.Domain.String())
			if slices.Contains(p.Techniques, "idn-homograph") {
				checkHomograph(t, p.Domain.Label(), p.Word)
			}
		}
		for p := range Permutations(tg, x, opt) {
			if p.Domain.String() != order[0] {
				t.Fatalf("%s comes where %s did", p.Domain, order[0])
			}
			order = order[1:]
		}
	})
}

func checkHomograph(t *rapid.T, label, word string) {
	u, err := idna.Registration.ToUnicode(label)
	if err != nil || !strings.HasPrefix(label, "xn--") || isASCII(u) {
		t.Fatalf("%s is no A-label: %v", label, err)
	}
	if a, err := idna.Registration.ToASCII(u); err != nil || a != label {
		t.Fatalf("%s is %s, and that %s: %v", label, u, a, err)
	}
	if lexicon.Skeleton(u) != lexicon.Skeleton(word) {
		t.Fatalf("%s does not look like %s", u, word)
	}
}

// TestIDNHomographKnowsRegistries: what a registry refuses is not made under its suffix.
func TestIDNHomographKnowsRegistries(t *testing.T) {
	x := lexicon.Default()
	for _, c := range []struct{ domain, makes, not string }{
		{"apple.com", "аррӏе.com ɑpple.com ápple.com", ""},
		{"apple.org", "аррӏе.org ápple.org", "ɑpple.org"},
		{"apple.de", "ápple.de", "аррӏе.de ạpple.de"},
		{"apple.co.uk", "", "ápple.co.uk аррӏе.co.uk"},
		{"apple.github.io", "", "ápple.github.io"},
	} {
		made := map[string]bool{}
		for p := range Permutations(target(t, "", c.domain), x, Options{Budget: 5000, Techniques: []string{"idn-homograph"}}) {
			made[p.Domain.Unicode()] = true
		}
		for want := range strings.FieldsSeq(c.makes) {
			if !made[want] {
				t.Errorf("%s is not made of %s", want, c.domain)
			}
		}
		for no := range strings.FieldsSeq(c.not) {
			if made[no] {
				t.Errorf("%s is made of %s", no, c.domain)
			}
		}
		if c.makes == "" && len(made) > 0 {
			t.Errorf("%d names are made of %s, whose registry takes ASCII", len(made), c.domain)
		}
	}
}

func BenchmarkIDNHomograph(b *testing.B) {
	tg := target(b, "MicroDicom", "microdicom.com")
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		for range Permutations(tg, lexicon.Default(), Options{Budget: 5000, Techniques: []string{"idn-homograph"}}) {
			n++
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "names/s")
}
