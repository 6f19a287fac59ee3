package permute

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound/internal/lexicon"
)

func TestPhrases(t *testing.T) {
	for _, c := range []struct{ name, domain, want string }{
		{"MicroDicom DICOM Viewer", "microdicom.com", "micro dicom; microdicom dicom viewer"},
		{"Advanced IP Scanner", "advanced-ip-scanner.com", "advanced ip scanner"},
		{"PuTTY", "chiark.greenend.org.uk", "green end; putty"},
		{"7-Zip", "7-zip.org", "7 zip"},
		{"US federal courts", "uscourts.gov", "us courts; us federal courts"},
		{"Truist", "truist.com", "truist"},
		{"Grammarly", "grammarly.com", "grammarly"},
		{"Office365", "office365.com", "office 365"},
		{"Google Meet", "meet.google.com", "google; google meet"},
		{"Müller", "müller.de", "muller"},
		{"WinSCP", "winscp.net", "win scp"},
	} {
		var got []string
		for _, p := range target(t, c.name, c.domain, c.name).phrases(lexicon.Default()) {
			got = append(got, strings.Join(p.words, " "))
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s at %s: %q, want %q", c.name, c.domain, strings.Join(got, "; "), c.want)
		}
	}
}

func TestPhrasesJoin(t *testing.T) {
	x := lexicon.Default()
	label := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		tg := Target{Label: label.Draw(t, "label"), Products: rapid.SliceOfN(label, 0, 4).Draw(t, "products")}
		tg.addParts(tg.Label)
		for _, p := range tg.phrases(x) {
			if strings.Join(p.words, "") != strings.ReplaceAll(p.text, "-", "") {
				t.Fatalf("%q has the words %q", p.text, p.words)
			}
			for k, w := range p.words {
				if at := p.at(k); !strings.HasPrefix(p.text[at:], w) {
					t.Fatalf("%q: %q does not begin at %d", p.text, w, at)
				}
			}
		}
	})
}
