package permute

import (
	"slices"
	"strings"
	"testing"

	"lurehound/internal/lexicon"
)

// list is check for a target: what is made is also explained.
func list(t *testing.T, tech Technique, tg Target, makes, not string) {
	t.Helper()
	var got []string
	for e := range tech.Apply(tg, lexicon.Default()) {
		got = append(got, e.Label)
	}
	for want := range strings.FieldsSeq(makes) {
		changes, ok := tech.Explain(tg, want, lexicon.Default())
		if !slices.Contains(got, want) || !ok || rewrite(tg.Label, changes) != want {
			t.Errorf("%s does not make %s of %s, or explains it by %v", tech.Name, want, tg.Label, changes)
		}
	}
	for no := range strings.FieldsSeq(not) {
		if _, ok := tech.Explain(tg, no, lexicon.Default()); ok || slices.Contains(got, no) {
			t.Errorf("%s makes or explains %s of %s", tech.Name, no, tg.Label)
		}
	}
}

func TestDotHyphen(t *testing.T) {
	list(t, dotHyphen(), target(t, "", "microdicom.com"), "www-microdicom microdicom-com www-microdicom-com login-microdicom",
		"microdicom wwwmicrodicom microdicomcom microdicom-org -microdicom microdicom- www-microdicom-org")
	list(t, dotHyphen(), target(t, "", "bbc.co.uk"), "bbc-co-uk www-bbc bbc-co", "bbc-couk bbc-uk")
}
