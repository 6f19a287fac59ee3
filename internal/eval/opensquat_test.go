package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestKeywords(t *testing.T) {
	b := brand(t, "Notepad++", "notepad-plus-plus.org")
	words := keywordsOf(b)
	if diff := cmp.Diff([]string{"notepad-plus-plus", "notepad"}, words); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]bool{
		"my-notepads.com": true, "notepd.org": true, "nottepad.org": true, "nopetad.org": false, "notepad.example.com": false,
		"www.notepod.info": true, "note.com": false,
	} {
		if got := anyKeyword(words, domain(t, name)); got != want {
			t.Errorf("anyKeyword(%s) = %v", name, got)
		}
	}
}

func TestOneEdit(t *testing.T) {
	word := rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		if got, want := oneEdit(a, b), levenshtein(a, b) <= 1; got != want {
			t.Fatalf("oneEdit(%q, %q) = %v", a, b, got)
		}
	})
}

// levenshtein is the definition, by recursion.
func levenshtein(a, b string) int {
	if a == "" || b == "" {
		return len(a) + len(b)
	}
	if a[0] == b[0] {
		return levenshtein(a[1:], b[1:])
	}
	return 1 + min(levenshtein(a[1:], b[1:]), levenshtein(a[1:], b), levenshtein(a, b[1:]))
}
