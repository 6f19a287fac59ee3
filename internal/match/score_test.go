package match

import (
	"math"
	"testing"

	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
)

// Each step of rating a place only lowers what the step before promised, so
// that a name that cannot reach a score is dropped early and none that can.
func TestPromisesAreKept(t *testing.T) {
	const rounding = 1e-9
	for _, b := range law(t) {
		ix := testIndex(t, b)
		target, err := permute.NewTarget(b)
		if err != nil {
			t.Fatal(err)
		}
		budget := 2000
		if testing.Short() {
			budget = 200
		}
		names := []string{target.Label + "downlod2.top", "x" + target.Label + "y-donwload.top", "obs-project-software.store", "a1b2c3d4e5.top", "login." + b.ID() + ".example.net", "xx" + target.Label + "yy77.com.br"}
		for p := range permute.Permutations(target, lexicon.Default(), permute.Options{Budget: budget}) {
			names = append(names, p.Domain.String(), "2024-"+p.Domain.String(), "abc"+p.Domain.String())
		}
		s := new(scratch)
		for _, name := range names {
			if !s.view.read(name, ix.fold) {
				continue
			}
			s.min = 0
			ix.find(s)
			at := s.view.bounds()
			for _, p := range s.found {
				r := ix.resemblance(s, p)
				first := r.score
				ix.surround(s, p, &r)
				second := r.score
				if ix.stand(s, p, at, &r); r.score > second+rounding || second > first+rounding {
					t.Fatalf("%s as %q: %.6f, then %.6f, then %.6f", name, ix.words[p.word].text, first, second, r.score)
				}
				s.need = needed(r.score)
				if r.score > 0 && !ix.promises(s, p) {
					t.Fatalf("%s as %q: %.6f was not promised", name, ix.words[p.word].text, r.score)
				}
				if most := max(ix.most(p.word, 0), ix.most(p.word, leastCost)); r.score > most+rounding {
					t.Fatalf("%s as %q: %.6f is more than the word can give, %.6f", name, ix.words[p.word].text, r.score, most)
				}
				if math.IsNaN(r.score) || r.score < 0 || r.score > 1 {
					t.Fatalf("%s as %q scores %v", name, ix.words[p.word].text, r.score)
				}
			}
		}
	}
}

// Every feature has a name, and no evidence is far outside what the weights were made for.
func TestEvidenceStaysInBounds(t *testing.T) {
	seen := map[string]bool{}
	for i, n := range EvidenceNames() {
		if n == "" || seen[n] {
			t.Errorf("feature %d is called %q", i, n)
		}
		seen[n] = true
	}
	ix := testIndex(t, law(t)...)
	for _, name := range []string{"mlcrodicom.info", "putty-download-2024.top", "a.b.c.d.putty.e.example.com", "xn--mcrodcom-1yag.com", "obs.obs-obs.obs"} {
		for _, j := range ix.Judge(name) {
			for i, v := range j.Evidence {
				if math.IsNaN(v) || v < -1 || v > mostCost {
					t.Errorf("%s as %s: %s is %v", name, j.Word, EvidenceNames()[i], v)
				}
			}
		}
	}
}

// A name that is a public suffix itself loses nothing when its own score is asked for.
func TestBareSuffixesKeepTheirScores(t *testing.T) {
	ix := testIndex(t, testBrand(t, "AWS Apps", "awsapps.net"), testBrand(t, "cn", "cn.net"), testBrand(t, "GitHub", "github.com"))
	for _, name := range []string{"awsapps.com", "cn.com", "github.io"} {
		h, ok := ix.Match(name, 0)
		if !ok {
			t.Errorf("%s is not found", name)
			continue
		}
		if best := h.Matches[0].Score; best < 1e-6 {
			t.Errorf("%s scores %v", name, best)
		} else if again, ok := ix.Match(name, best*0.999); !ok || again.Matches[0].Score != best {
			t.Errorf("%s scores %v, and is lost when that is asked for", name, best)
		}
	}
}
