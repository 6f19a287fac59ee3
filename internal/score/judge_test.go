package score

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lurehound"
)

func TestVerdicts(t *testing.T) {
	withFile := pageWith(func(p *lurehound.PageFacts) { p.Downloads = files; p.Title = "MicroDicom" })
	fresh := []option{matched(1), registered(13)}
	with := func(opts ...option) Case { return given(append(append([]option{}, fresh...), opts...)...) }
	tests := []struct {
		name     string
		c        Case
		want     lurehound.Verdict
		min, max float64 // of the score
	}{
		{"the founding case", with(resolved("ns.example", "10 mx.example"), shown("a", withFile), alike(0.98), announced("ICSMA-24-163-01", "2024-06-11", "MicroDicom")), lurehound.Malicious, 0.95, 1},
		{"clone with download on an old name", given(matched(0.6), registered(4000), shown("a", withFile), alike(0.98)), lurehound.Malicious, 0.9, 1},
		{"clone that only shows", with(shown("a", much), alike(0.98)), lurehound.Suspicious, 0.85, 0.95},
		{"clone on hold", with(registered(13, "client hold"), shown("a", withFile), alike(0.98)), lurehound.Malicious, 0.9, 1},
		{"on hold, nothing shown", given(matched(1), registered(13, "client hold")), lurehound.TakenDown, 0, 1},
		{"interstitial", with(shown("a", phishing, status(403))), lurehound.TakenDown, 0, 1},
		{"name and age alone", with(resolved("ns.example")), lurehound.Inconclusive, 0.4, 0.64},
		{"refused, new, no mail", with(resolved("ns.example"), shown("a", blank, status(403))), lurehound.Inconclusive, 0.4, 0.64},
		{"not found", with(shown("a", lurehound.PageFacts{Title: "404 Not Found", Words: 3}, status(404))), lurehound.Inconclusive, 0.4, 0.64},
		{"no web, with mail", with(resolved("ns.example", "10 mx.example")), lurehound.Suspicious, 0.6, 0.75},
		{"less alike, with mail", given(matched(0.6), registered(13), resolved("ns.example", "10 mx.example")), lurehound.Inconclusive, 0.4, 0.63},
		{"new page that names the brand", with(shown("a", withFile)), lurehound.Suspicious, 0.7, 0.95},
		{"resembles", with(shown("a", much), alike(0.6)), lurehound.Suspicious, 0.7, 0.95},
		{"parked", with(resolved("ns1.sedoparking.com", "10 mx.example"), shown("a", forSale)), lurehound.Parked, 0, 1},
		{"restaurant, one view", given(matched(0.8), registered(4000), shown("a", much), alike(0.01)), lurehound.Inconclusive, 0, 0.1},
		{"restaurant, two views", given(matched(0.8), registered(4000), shown("a", much), shown("b", much), alike(0.01)), lurehound.Benign, 0, 0.1},
		{"new restaurant, two views", given(matched(0.8), registered(20), shown("a", much), shown("b", much), alike(0.01)), lurehound.Inconclusive, 0, 0.5},
		{"led to the brand's own site", with(shown("a", withFile, led("https://www.microdicom.com/")), shown("b", withFile, led("https://www.microdicom.com/")), alike(1), func(c *Case) { c.Comparison.URL = "https://www.microdicom.com/" }), lurehound.Inconclusive, 0.4, 0.64},
		{"nothing at all", given(), lurehound.Inconclusive, 0, 0},
	}
	for _, tt := range tests {
		signals, score, verdict := Judge(tt.c)
		if verdict != tt.want || score < tt.min || score > tt.max {
			var why []string
			for _, s := range signals {
				why = append(why, s.Rule+": "+s.Why)
			}
			t.Errorf("%s: %s %.2f, want %s in [%v, %v]\n\t%s", tt.name, verdict, score, tt.want, tt.min, tt.max, strings.Join(why, "\n\t"))
		}
	}
}

// What the evidence allows, over cases of any mixture.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) bool { return rapid.Bool().Draw(t, label) }
		opts := []option{matched(rapid.Float64Range(0, 1).Draw(t, "match")), registered(rapid.IntRange(-10, 5000).Draw(t, "days"))}
		if draw("mail") {
			opts = append(opts, resolved("ns1.bodis.com", "10 mx.example"))
		}
		views := rapid.IntRange(0, 3).Draw(t, "views")
		for i := range views {
			p := rapid.SampledFrom([]lurehound.PageFacts{much, blank, forSale, phishing}).Draw(t, "page")
			if draw("file") {
				p.Downloads = files
			}
			opts = append(opts, shown([]string{"a", "b", "a"}[i], p))
		}
		background := given(opts...)
		_, _, verdict := Judge(background)
		if verdict == lurehound.Malicious {
			t.Fatal("malicious without direct evidence")
		}
		if views < 2 && verdict == lurehound.Benign {
			t.Fatal("benign from one view")
		}
		if views == 0 && verdict != lurehound.Inconclusive && verdict != lurehound.Suspicious {
			t.Fatalf("%s without a page", verdict)
		}
		// Direct evidence beats whatever else there is.
		genuine := pageWith(func(p *lurehound.PageFacts) {
			p.Downloads = []lurehound.Download{{URL: "https://www.microdicom.com/files/a.exe", Name: "a.exe"}}
		})
		if _, _, v := Judge(given(append(opts, shown("c", genuine), alike(0.9))...)); v != lurehound.Malicious {
			t.Fatalf("a clone that offers the genuine file is %s", v)
		}
	})
}

func TestScore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-500, 500).Draw(t, "a"), rapid.Float64Range(-500, 500).Draw(t, "b")
		x, y := Score(a), Score(b)
		if x < 0 || x > 1 || a < b && x > y {
			t.Fatalf("Score(%v) = %v, Score(%v) = %v", a, x, b, y)
		}
	})
	if Score(math.NaN()) != 0 {
		t.Error("no number has a score")
	}
}
