package permute

import "slices"

// Techniques is the table: a technique that is not listed here is not used.
func Techniques() []Technique {
	return []Technique{
		tldAppend(),
		wrongSecondLevel(),
		hosted(),
		tldSwap(),
		productWord(),
		numeral(),
		wordOrder(),
		misspelling(),
		homophone(),
		dotHyphen(),
		dotOmission(),
		dotInsertion(),
		subdomainImpersonation(),
		combosquatting(),
		version(),
		plural(),
		homoglyph(),
		idnHomograph(),
		insertion(),
		addition(),
		omission(),
		repetition(),
		replacement(),
		vowelSwap(),
		substitution(),
		transposition(),
		move(),
		hyphenation(),
		fauxTLD(),
		bitsquatting(),
	}
}

// pair is two label techniques that real look-alikes combine: both change
// the same label, at places that do not overlap.
type pair struct{ first, second string }

// pairs lists them. One typing error beside a word or beside a look-alike
// letter occurs in campaigns ("hetflix-install", "adevanced-lp-scanner"). The first technique of a
// pair changes the label, the second puts something around it; or the second
// changes it and the first, which must have an Explain, replaces letters of what remains.
func pairs() []pair {
	return []pair{
		{"homoglyph", combo},
		{"homoglyph", "faux-tld"},
		{"insertion", combo},
		{"omission", combo},
		{"repetition", combo},
		{"replacement", combo},
		{"vowel-swap", combo},
		{"transposition", combo},
		{"hyphenation", combo},
		{"homoglyph", "insertion"},
		{"homoglyph", "omission"},
		{"homoglyph", "repetition"},
		{"homoglyph", "replacement"},
		{"homoglyph", "vowel-swap"},
		{"homoglyph", "transposition"},
		{"homoglyph", "hyphenation"},
	}
}

// slips are the techniques any two of which, or one twice, meet in a word of longWord
// letters or more: "advancd-lp-scanner", "adavanced-ip-scaner".
func slips() []string {
	return []string{"homoglyph", "insertion", "omission", "repetition", "replacement", "vowel-swap", "substitution", "transposition", "hyphenation"}
}

// meetings says which two of these techniques compose, by first and second, and
// which do with each other in long words. Words in front and behind meet, too: "get-putty-app".
func meetings(techs []Technique) (both, inLong []bool) {
	n := len(techs)
	both, inLong = make([]bool, n*n), make([]bool, n)
	at := func(name string) int {
		return slices.IndexFunc(techs, func(t Technique) bool { return t.Name == name })
	}
	for _, p := range append(pairs(), pair{combo, combo}) {
		if a, b := at(p.first), at(p.second); a >= 0 && b >= 0 {
			both[a*n+b], both[b*n+a] = true, true
		}
	}
	for _, name := range slips() {
		if i := at(name); i >= 0 {
			inLong[i] = true
		}
	}
	return both, inLong
}
