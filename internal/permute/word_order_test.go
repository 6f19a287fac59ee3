package permute

import (
	"testing"

	"lurehound/internal/lexicon"
)

func TestWordOrder(t *testing.T) {
	checkBase(t, wordOrder(), "MicroDicom", "microdicom.com", "dicom-micro dicommicro", "microdicom micro-dicom micro dicom")
	checkBase(t, wordOrder(), "Advanced IP Scanner", "advanced-ip-scanner.com", "ip-scanner-advanced ipscanner ip-scanner adv-ip-scanner advancedipscan", "advanced-ip-scanner")
	checkBase(t, wordOrder(), "US federal courts", "uscourts.gov", "federalcourts fedcourts", "")
	checkBase(t, wordOrder(), "Google Meet", "meet.google.com", "meet-go meetgoogle", "")
	checkBase(t, wordOrder(), "Open Broadcaster Software", "obsproject.com", "obs open-broadcaster", "")
	checkBase(t, wordOrder(), "VLC media player", "videolan.org", "vlc-media vlcplayer", "media-player")
	checkBase(t, wordOrder(), "PuTTY", "putty.org", "", "putty")
	for e := range wordOrder().Apply(target(t, "PuTTY", "putty.org", "PuTTY"), lexicon.Default()) {
		t.Errorf("a name of one word becomes %s", e.Label)
	}
}

// Each is a word of the index, and together they are as likely as one.
func TestWordOrdersAreFew(t *testing.T) {
	for _, tg := range brands(t) {
		n, sum := 0, 0.0
		for e := range wordOrder().Apply(tg, lexicon.Default()) {
			n++
			sum += e.Weight
		}
		if n > 2*maxOrders || sum > 1.001 {
			t.Errorf("%s: %d names of weight %g", tg.Label, n, sum)
		}
	}
}

// BenchmarkBases is what the techniques of words cost for each brand of an index.
func BenchmarkBases(b *testing.B) {
	x := lexicon.Default()
	tg := target(b, "Advanced IP Scanner", "advanced-ip-scanner.com", "Advanced IP Scanner")
	b.ReportAllocs()
	for b.Loop() {
		for _, tech := range Techniques() {
			if tech.On == OnBase {
				for range tech.Apply(tg, x) {
				}
			}
		}
	}
}
