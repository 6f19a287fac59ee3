package feed

import (
	"slices"
	"strings"

	"lurehound"
)

const (
	// minPiece is the shortest piece of a label that is worth a search: about
	// one new name in a hundred holds a given common piece of three letters.
	minPiece = 3
	// coreLen is the length of the piece across the cut of a long label, which is
	// left when the label was edited towards both its ends (rnicrodicorn).
	coreLen = 4
	// minWord is the shortest product word that is searched for as it is.
	minWord = 5
	// tailLen is how much of the label's end stands before the suffix in a
	// fragment such as "com.info".
	tailLen = 3
)

// cheapSuffixes are suffixes that cost little to register and that lures are
// found under, the most frequent first; the order is that of the campaigns which
// the project measures itself against. The brand's own suffix goes before them.
var cheapSuffixes = [...]string{
	"com", "info", "org", "net", "top", "site", "online", "xyz", "shop", "pro", "app", "live", "icu", "click",
}

// Fragments are what to search for in names of a day that no list covers, so that
// look-alikes of the brands turn up. Best first, brands taking turns; none holds
// another one.
//
// A label of six characters or more is cut in two, so that one edit leaves a
// half whole (micro, dicom); two neighbours swapped across the cut are searched
// for as such. When both halves were edited, the middle of a long label is left
// (rodi, in rnicrodicorn), or its end with a cheap suffix (com.info). Shorter
// labels are searched for whole: edits in those are found in lists only.
func Fragments(brands []lurehound.Brand) []string {
	var ranked [][]string // by brand, best first
	for _, b := range brands {
		ranked = append(ranked, brandFragments(b))
	}
	var all []string
	for i, more := 0, true; more; i++ {
		more = false
		for _, r := range ranked {
			if i < len(r) {
				all, more = append(all, r[i]), true
			}
		}
	}
	return widest(all)
}

// widest drops every fragment that holds another one, and repetitions.
func widest(all []string) []string {
	var out []string
	for i, f := range all {
		held := slices.Contains(all[:i], f)
		for _, g := range all {
			held = held || len(g) < len(f) && strings.Contains(f, g)
		}
		if !held {
			out = append(out, f)
		}
	}
	return out
}

func brandFragments(b lurehound.Brand) []string {
	var pieces, words, tails []string
	for _, d := range b.Domains {
		label := d.Label()
		if label == "" {
			continue
		}
		pieces = append(pieces, labelPieces(label)...)
		if strings.HasPrefix(label, "xn--") || len(label) < tailLen {
			continue
		}
		tail := label[len(label)-tailLen:]
		tails = append(tails, tail+"."+d.Suffix())
		for _, s := range cheapSuffixes {
			tails = append(tails, tail+"."+s)
		}
	}
	for _, w := range b.Words {
		words = append(words, wordPieces(w)...)
	}
	return slices.Concat(pieces, words, tails)
}

// labelPieces cuts a label so that any one insertion, omission, replacement or
// swap of neighbours leaves one of the pieces, or is one. An A-label is searched
// for whole: its parts mean nothing.
func labelPieces(label string) []string {
	if len(label) < 2*minPiece || strings.HasPrefix(label, "xn--") {
		return []string{label}
	}
	cut := len(label) / 2
	left, right := label[:cut], label[cut:]
	pieces := []string{left, right}
	if label[cut-1] != label[cut] {
		swapped := left[:cut-1] + string(label[cut]) + string(label[cut-1]) + right[1:]
		pieces = append(pieces, swapped[max(0, cut-minPiece):cut+minPiece])
	}
	if len(label) > 2*coreLen {
		pieces = append(pieces, label[cut-coreLen/2:cut+coreLen/2])
	}
	return pieces
}

// wordPieces are the parts of a product name as host names can hold them: long
// parts each, a name of one part like a label.
func wordPieces(word string) []string {
	parts := strings.FieldsFunc(strings.ToLower(word), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	var long []string
	for _, p := range parts {
		if len(p) >= minWord {
			long = append(long, p)
		}
	}
	if whole := strings.Join(parts, ""); len(long) < 2 && len(whole) >= minWord && len(parts) > 0 {
		return labelPieces(whole)
	}
	return long
}
