package match

// Judged is what the score of a name for one brand was made of.
type Judged struct {
	Brand    string
	Word     string
	Score    float64
	Evidence []float64 // by EvidenceNames
}

// EvidenceNames names the numbers of Judged.Evidence, in their order.
func EvidenceNames() []string { return featureNames[:] }

// Judge takes the scores of a name apart, one for each brand that it resembles at all.
func (ix *Index) Judge(name string) []Judged {
	s := ix.scratch.Get().(*scratch)
	defer ix.scratch.Put(s)
	if !s.view.read(name, ix.fold) {
		return nil
	}
	s.min = 0
	ix.find(s)
	var out []Judged
	for _, f := range ix.best(s) {
		w := &ix.words[f.word]
		out = append(out, Judged{ix.brands[w.brand].ID(), w.text, f.score, append([]float64(nil), f.evidence[:]...)})
	}
	return out
}
