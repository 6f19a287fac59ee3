package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

func TestHomophone(t *testing.T) {
	checkBase(t, homophone(), "MicroDicom", "microdicom.com", "mikrodicom microdikom", "microdicom")
	checkBase(t, homophone(), "Photoshop", "photo-shop.com", "foto-shop", "photo-shop")
	checkBase(t, homophone(), "For You", "for-you.com", "4-you for-u", "")
	checkBase(t, homophone(), "Banco Santander", "bancosantander.es", "vancosantander", "")
	checkBase(t, homophone(), "PuTTY", "chiark.greenend.org.uk", "putti", "")
}

func TestMisspelling(t *testing.T) {
	checkBase(t, misspelling(), "US federal courts", "uscourts.gov", "usfedralcourts", "")
	checkBase(t, misspelling(), "Advanced IP Scanner", "advanced-ip-scanner.com", "advansed-ip-scanner advanced-ip-scaner", "advanced-ip-scanner")
	checkBase(t, misspelling(), "Brave browser", "brave.com", "bravebrowzer", "")
	checkBase(t, misspelling(), "Time Doctor", "timedoctor.com", "timedocter", "")
}

// Each word is one of the index: few, the likeliest first, none twice.
func TestRespellingsAreFew(t *testing.T) {
	x := lexicon.Default()
	for _, tech := range []Technique{homophone(), misspelling(), numeral()} {
		for _, tg := range brands(t) {
			n, last := 0, 2.0
			seen := map[string]bool{}
			for e := range tech.Apply(tg, x) {
				if n++; seen[e.Label] && validLabel(e.Label) || tech.Name != "numeral" && e.Weight > last {
					t.Errorf("%s of %s: %s comes twice or out of order", tech.Name, tg.Label, e.Label)
				}
				seen[e.Label], last = true, e.Weight
			}
			if n > 20 {
				t.Errorf("%s makes %d names of %s", tech.Name, n, tg.Label)
			}
		}
	}
}
