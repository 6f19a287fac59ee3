package match

import (
	"testing"

	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
)

// What a higher score is asked for is what has it when everything is asked for: nothing is
// dropped for what it promises, for where it stands or for its tier.
func TestAskingForMoreLosesNothing(t *testing.T) {
	ix := testIndex(t, law(t)...)
	budget := 300
	if testing.Short() {
		budget = 30
	}
	all, more := new(scratch), new(scratch)
	for _, b := range law(t) {
		target, err := permute.NewTarget(b)
		if err != nil {
			t.Fatal(err)
		}
		l := target.Label
		names := []string{l + ".com", l + ".top", "get" + l + ".shop", l + "2024.com", "2024" + l + "x.net", "x" + l + "y-donwload.top",
			"softwere-x" + l + ".top", l + "softwere.com", "donwload" + l + "app.store", l + ".com.login.example.top", "my" + l + "is.site"}
		for p := range permute.Permutations(target, lexicon.Default(), permute.Options{Budget: budget}) {
			label := p.Domain.Label()
			names = append(names, p.Domain.String(), "app"+label+".top", label+"-installer.xyz", "ab"+label+"cdef.shop")
		}
		for _, name := range names {
			if !all.view.read(name, ix.fold) || !more.view.read(name, ix.fold) {
				continue
			}
			all.min, more.min = 0, DefaultMinScore
			ix.find(all)
			ix.find(more)
			got := map[int32]float64{}
			for _, f := range ix.best(more) {
				got[ix.words[f.word].brand] = f.score
			}
			for _, f := range ix.best(all) {
				if brand := ix.words[f.word].brand; f.score >= DefaultMinScore && got[brand] != f.score {
					t.Fatalf("%s as %q scores %.4f, and %.4f where at least %v is asked for", name, ix.words[f.word].text, f.score, got[brand], DefaultMinScore)
				}
			}
		}
	}
}
