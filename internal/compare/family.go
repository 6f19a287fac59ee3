package compare

import "lurehound"

// FamilyFrom is the similarity from which two pages are nearly the same, whatever they show. It is that
// from which a page is a copy of the reference; the program of package eval counts the strangers that reach it.
const FamilyFrom = 0.80

// ResemblesFrom is the similarity from which a page resembles the reference.
const ResemblesFrom = 0.50

// Alike says how alike two pages of different sites are: [0,1], 1 for a page and itself, the same in either
// order, 0 where one is a stub.
func Alike(a, b *lurehound.PageFacts) float64 {
	if stub(a) || stub(b) {
		return 0
	}
	var c lurehound.Comparison
	measure(&c, a, b, false)
	return *c.Similarity
}
