package lexicon

import (
	"slices"
	"strings"
	"testing"
)

func TestNumerals(t *testing.T) {
	x := Default()
	for from, want := range map[string]string{
		"7": "seven sieben sept siete vii", "seven": "7", "viii": "8", "365": "threesixtyfive threesixfive", "first": "1st", "fuenf": "5",
	} {
		var got []string
		for _, s := range x.Numerals(from) {
			got = append(got, s.Word)
			if s.Weight <= 0 || s.Weight > 1 {
				t.Errorf("%s to %+v", from, s)
			}
		}
		for w := range strings.FieldsSeq(want) {
			if !slices.Contains(got, w) {
				t.Errorf("%s is not written %s, but %q", from, w, got)
			}
		}
	}
	for _, no := range []string{"", "-", "v", "x", "zip", "73"} {
		if got := x.Numerals(no); len(got) > 0 {
			t.Errorf("%q is written %v", no, got)
		}
	}
	for line := range strings.Lines(numeralFile) {
		if f := strings.Fields(line); f[0] != "#" && len(f) != 6 {
			t.Errorf("bad line %q", line)
		}
	}
}
