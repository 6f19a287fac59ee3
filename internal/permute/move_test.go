package permute

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/lexicon"
)

func TestMove(t *testing.T) {
	check(t, move(), "microdicom", "icrodicomm icmrodicom cmirodicom dmicroicom mmicrodico microdiomc", "imcrodicom mircodicom microdicom microdicomm")
	check(t, move(), "a-bc", "abc- -bca ca-b ba-c", "a-cb")
	if n := len(results(move(), "abcde")); n != 5*4-2*4 {
		t.Errorf("%d moves of five letters, want each to three or fewer places", n)
	}
}

func TestMoved(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []lurehound.Edit
	}{
		{"microdicom", "icrodicomm", []lurehound.Edit{{From: "m", At: 0}, {To: "m", At: 10}}},
		{"microdicom", "mmicrodico", []lurehound.Edit{{To: "m", At: 0}, {From: "m", At: 9}}},
		{"notepad-plus", "notep-adplus", []lurehound.Edit{{To: "-", At: 5}, {From: "-", At: 7}}},
		{"aab", "aba", []lurehound.Edit{{From: "a", At: 0}, {To: "a", At: 3}}}, // the first a, two places
		{"baa", "aba", []lurehound.Edit{{To: "a", At: 0}, {From: "a", At: 2}}},
		{"abc", "acb", nil},
		{"abc", "abc", nil},
		{"abcd", "dbca", nil},
		{"", "", nil},
		{"müller", "üllerm", []lurehound.Edit{{From: "m", At: 0}, {To: "m", At: 7}}},
		{"aü", "\xc3a\xbc", nil},
	} {
		got, ok := moved(Target{Label: c.from}, c.to, lexicon.Default())
		if diff := cmp.Diff(c.want, got); diff != "" || ok != (c.want != nil) {
			t.Errorf("%s to %s (-want +got):\n%s", c.from, c.to, diff)
		}
		if ok && rewrite(c.from, got) != c.to {
			t.Errorf("%v makes %s of %s", got, rewrite(c.from, got), c.from)
		}
	}
}
