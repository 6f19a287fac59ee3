package permute

import (
	"slices"
	"strings"
	"testing"

	"lurehound/internal/lexicon"
)

// checkBase is check for what a technique puts in place of a brand's label.
func checkBase(t *testing.T, tech Technique, name, domain, makes, not string) {
	t.Helper()
	tg := target(t, name, domain, name)
	var got []string
	for e := range tech.Apply(tg, lexicon.Default()) {
		if r := rewrite(tg.Label, e.Changes); r != e.Label {
			t.Errorf("%s: %v make %s of %s, not %s", tech.Name, e.Changes, r, tg.Label, e.Label)
		}
		got = append(got, e.Label)
	}
	for want := range strings.FieldsSeq(makes) {
		if !slices.Contains(got, want) {
			t.Errorf("%s does not make %s of %s, but %q", tech.Name, want, name, got)
		}
	}
	for no := range strings.FieldsSeq(not) {
		if slices.Contains(got, no) {
			t.Errorf("%s makes %s of %s", tech.Name, no, name)
		}
	}
}

func TestNumeral(t *testing.T) {
	checkBase(t, numeral(), "7-Zip", "7-zip.org", "seven-zip sevenzip vii-zip sieben-zip sept-zip siete-zip", "7-zip 7zip")
	checkBase(t, numeral(), "Office 365", "office365.com", "officethreesixfive officethreesixtyfive office-threesixfive", "officethree65")
	checkBase(t, numeral(), "CPU 73", "cpu73.com", "cpuseventhree", "")
	checkBase(t, numeral(), "OneDrive", "onedrive.com", "1drive", "onedrive")
	checkBase(t, numeral(), "Gpg4win", "gpg4win.org", "gpgfourwin", "")
	checkBase(t, numeral(), "Henry VIII", "henry-viii.org", "henry-8", "")
	checkBase(t, numeral(), "Vim X", "vimx.org", "", "vim10")
	for e := range numeral().Apply(target(t, "MicroDicom", "microdicom.com", "MicroDicom"), lexicon.Default()) {
		t.Errorf("a name without number becomes %s", e.Label)
	}
}
