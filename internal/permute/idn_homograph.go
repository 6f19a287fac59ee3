package permute

import (
	"cmp"
	"slices"

	"golang.org/x/net/idna"

	"lurehound"
	"lurehound/internal/lexicon"
)

// shareIDNHomograph: no host of the development campaigns is an IDN, and of 1.35
// million registered look-alikes of 2017 (SquatPhi) 78 are, none of them by look-alike letters. Rare, but it
// fools whoever reads no punycode, so it is tried.
const shareIDNHomograph = 0.002

// wholeScriptShare is how many IDN homographs are all of another script, where
// one is possible: registries refuse to mix, and browsers show few of these. By guess.
const wholeScriptShare = 0.3

// mostHomographs bounds the labels with Latin letters. There are some hundred of one
// letter, and those of more are each less likely than any of these; where a registry takes few
// letters, walking all sets would go on for ever.
const mostHomographs = 4000

// idnHomograph puts letters beyond ASCII in place of any number of characters:
// of Latin script here and there, or of another script all through. Edits have the
// label in Unicode form; each suffix then takes those that its registry admits.
func idnHomograph() Technique {
	return Technique{
		Name: "idn-homograph", On: OnLabel, Weight: shareIDNHomograph, Apply: each(idnHomographs), BestFirst: idnHomographs,
		Doc: "look-alikes beyond ASCII of one script (UTS #39), as the suffix's registry takes them: mıcrodıcom, аррӏе",
		Explain: func(t Target, label string, x *lexicon.Tables) ([]lurehound.Edit, bool) {
			if isASCII(label) && isASCII(t.Label) {
				return nil, false
			}
			return alignGlyphs(t, label, x)
		},
	}
}

// idnHomographs merges labels of whole scripts, which are few, into those with
// Latin letters, which are found one after the other.
func idnHomographs(t Target, x *lexicon.Tables) func() (Edit, bool) {
	if isALabel(t.Label) {
		return func() (Edit, bool) { return Edit{}, false }
	}
	whole := wholeScripts(t.Label, x)
	rest := 1.0
	if len(whole) > 0 {
		rest -= wholeScriptShare
	}
	latins := combinations(t, swapsOf(t.Label, x.Latin))
	var e Edit
	held := false // e waits for those of whole scripts that are likelier
	left := mostHomographs
	return func() (Edit, bool) {
		if !held && left > 0 {
			e, held = latins()
			e.Weight *= rest
			left--
		}
		if len(whole) > 0 && (!held || whole[0].Weight >= e.Weight) {
			first := whole[0]
			whole = whole[1:]
			return first, true
		}
		given := held
		held = false
		return e, given
	}
}

// wholeScripts writes the label in other scripts: with the likeliest letter for
// each character, and with one of them by another letter. The weights add up to wholeScriptShare.
func wholeScripts(label string, x *lexicon.Tables) []Edit {
	var out []Edit
	sum := 0.0
	for _, script := range lexicon.HomographScripts() {
		places, ok := x.WholeScript(label, script)
		if !ok {
			continue
		}
		add := func(other byte, k int) {
			e := Edit{Weight: 1}
			for i, p := range places {
				if len(p) == 0 {
					continue
				}
				h := p[0]
				if label[i] == other {
					h = p[k]
				}
				e.Changes = append(e.Changes, lurehound.Edit{From: h.From, To: h.To, At: i})
				e.Weight *= h.Weight
			}
			e.Label = rewrite(label, e.Changes)
			out = append(out, e)
			sum += e.Weight
		}
		add(0, 0)
		seen := map[byte]bool{}
		for i, p := range places {
			for k := 1; k < len(p) && !seen[label[i]]; k++ {
				add(label[i], k)
			}
			seen[label[i]] = true
		}
	}
	for i := range out {
		out[i].Weight *= wholeScriptShare / sum
	}
	slices.SortStableFunc(out, func(a, b Edit) int { return cmp.Compare(b.Weight, a.Weight) })
	return out
}

// validULabel reports whether IDNA2008 lets a label in Unicode form be registered.
func validULabel(l string) bool {
	a, err := idna.Registration.ToASCII(l)
	return err == nil && len(a) <= lurehound.MaxLabelLen && a != l
}
