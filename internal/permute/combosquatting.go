package permute

import (
	"strings"
	"unicode/utf8"

	"lurehound"
	"lurehound/internal/lexicon"
)

const combo = "combosquatting"

// combosquatting puts words around the label: those of real campaigns and the
// brand's own product words.
func combosquatting() Technique {
	return Technique{
		Name: combo, On: OnLabel, Weight: shareCombosquatting, Apply: each(besides), BestFirst: besides, Around: true,
		Doc:     "words around the label: microdicom-download, getmicrodicom; those of campaigns and products first",
		Explain: around,
	}
}

func besides(t Target, x *lexicon.Tables) func() (Edit, bool) {
	own, all := ownBeside(t, x), x.Beside()
	return func() (Edit, bool) {
		from := &all
		if len(own) > 0 && (len(all) == 0 || own[0].Weight >= all[0].Weight) {
			from = &own
		}
		if len(*from) == 0 {
			return Edit{}, false
		}
		b := &(*from)[0]
		*from = (*from)[1:]
		at := 0
		if b.Behind {
			at = len(t.Label)
		}
		return t.single("", b.Text, at, b.Weight), true
	}
}

// ownBeside is the words of the brand's own that the label has not, the likeliest first.
func ownBeside(t Target, x *lexicon.Tables) []lexicon.Beside {
	var words []string
	for _, w := range t.Words {
		if !strings.Contains(t.Label, w) {
			words = append(words, w)
		}
	}
	var out []lexicon.Beside
	for _, w := range words {
		for _, b := range x.OwnBeside {
			hyphen := b.Text // "-" or nothing
			if b.Text = w + hyphen; b.Behind {
				b.Text = hyphen + w
			}
			b.Weight /= float64(len(words))
			out = append(out, b)
		}
	}
	lexicon.SortBeside(out)
	return out
}

// around recognises the label within another one, with any words around it.
// Of several places it takes the one with most hyphens beside it, then the first.
func around(t Target, label string, _ *lexicon.Tables) ([]lurehound.Edit, bool) {
	best, hyphens := -1, -1
	for from := 0; len(label) > len(t.Label); {
		i := strings.Index(label[from:], t.Label)
		if i < 0 {
			break
		}
		i += from
		n := 0
		if i == 0 || label[i-1] == '-' {
			n++
		}
		if end := i + len(t.Label); end == len(label) || label[end] == '-' {
			n++
		}
		if n > hyphens {
			best, hyphens = i, n
		}
		from = i + 1
	}
	if best < 0 {
		return nil, false
	}
	return surround(label[:best], label[best+len(t.Label):], utf8.RuneCountInString(t.Label)), true
}

func surround(before, after string, n int) []lurehound.Edit {
	changes := make([]lurehound.Edit, 0, 2)
	if before != "" {
		changes = append(changes, lurehound.Edit{To: before, At: 0})
	}
	if after != "" {
		changes = append(changes, lurehound.Edit{To: after, At: n})
	}
	return changes
}
