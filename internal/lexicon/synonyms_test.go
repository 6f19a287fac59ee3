package lexicon

import (
	"strings"
	"testing"
)

func TestSynonyms(t *testing.T) {
	x := Default()
	for word, want := range map[string]string{"scanner": "scan", "federal": "fed", "manager": "mgr", "download": "dl", "viewer": "view", "banque": "bank"} {
		if got := x.Synonyms(word); len(got) == 0 || got[0].Word != want {
			t.Errorf("%s: %v, want %s first", word, got, want)
		}
	}
	n := 0
	for word, list := range synonyms() {
		n++
		last := 1.1
		for _, s := range list {
			if s.Word == word || s.Weight <= 0 || s.Weight >= last {
				t.Errorf("%s: %+v after %g", word, s, last)
			}
			last = s.Weight
		}
	}
	if lines := strings.Count(synonymFile, "\n") - strings.Count(synonymFile, "#"); n != lines {
		t.Errorf("%d words of %d lines", n, lines)
	}
}
