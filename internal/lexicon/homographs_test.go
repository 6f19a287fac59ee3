package lexicon

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// TestHomographs: every letter may stand in a label, is normal and lower case, of the
// script that is said, and looks like what it imitates.
func TestHomographs(t *testing.T) {
	x := Default()
	if n := strings.Count("\n"+homographFile, "\n") - strings.Count("\n"+homographFile, "\n#") - 1; len(x.Homographs) != n || n < 300 {
		t.Errorf("%d homographs of %d lines", len(x.Homographs), n)
	}
	seen := map[Homograph]bool{}
	last := Homograph{}
	for _, h := range x.Homographs {
		a, err := idna.Registration.ToASCII(h.To)
		if err != nil || !strings.HasPrefix(a, "xn--") {
			t.Errorf("%s is no label: %s, %v", h.To, a, err)
		}
		r, _ := utf8.DecodeRuneInString(h.To)
		if norm.NFC.String(h.To) != h.To || unicode.ToLower(r) != r || ScriptOf(r) != h.Script {
			t.Errorf("%s is not as a label has it, or not of script %s", h.To, h.Script)
		}
		if Skeleton(h.From) != Skeleton(h.To) {
			t.Errorf("%s does not look like %s", h.To, h.From)
		}
		if seen[h] || h.Weight <= 0 || h.Weight > 1 || h.From < last.From || h.From == last.From && h.Weight > last.Weight {
			t.Errorf("%v comes twice, or out of order", h)
		}
		seen[h], last = true, h
	}
	for _, want := range []string{"a Cyrillic а", "a Latin ɑ", "i Latin ı", "l Cyrillic ӏ", "ae Latin æ", "o Greek ο", "d Cyrillic ԁ", "g Latin ɡ", "n Armenian ո"} {
		f := strings.Fields(want)
		found := false
		for _, h := range x.Homographs {
			found = found || h.From == f[0] && h.Script == f[1] && h.To == f[2]
		}
		if !found {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestWholeScript(t *testing.T) {
	x := Default()
	for _, c := range []struct{ label, script, want string }{
		{"apple", "Cyrillic", "аррӏе"},
		{"pay-1", "Cyrillic", "рау-1"},
		{"microdicom", "Cyrillic", ""}, // no m
		{"ova", "Greek", "ονα"},
		{"123", "Cyrillic", ""},
		{"", "Cyrillic", ""},
	} {
		places, ok := x.WholeScript(c.label, c.script)
		got := ""
		for i, p := range places {
			if len(p) == 0 {
				got += c.label[i : i+1]
			} else {
				got += p[0].To
			}
		}
		if ok != (c.want != "") || ok && got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.label, c.script, got, c.want)
		}
	}
}
