package lexicon

import (
	"strings"
	"testing"
)

func TestVersions(t *testing.T) {
	x := Default()
	if n := strings.Count(versionFile, "\n") - strings.Count(versionFile, "#"); len(x.Versions()) != n {
		t.Errorf("%d versions of %d lines", len(x.Versions()), n)
	}
	seen := map[Version]bool{}
	last := 1.0
	for _, v := range x.Versions() {
		if v.Weight <= 0 || v.Weight > last || seen[Version{Word: v.Word, Before: v.Before}] {
			t.Errorf("%+v comes twice or out of order", v)
		}
		seen[Version{Word: v.Word, Before: v.Before}], last = true, v.Weight
	}
}
