package permute

// Techniques is the table: a technique that is not listed here is not used.
func Techniques() []Technique {
	return []Technique{
		tldAppend(),
		wrongSecondLevel(),
		hosted(),
		tldSwap(),
		productWord(),
		numeral(),
		dotHyphen(),
		dotOmission(),
		dotInsertion(),
		subdomainImpersonation(),
		combosquatting(),
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
type pair struct {
	first, second string
	weight        float64 // times the likelihood of both edits
}

// pairs lists them. One typing error beside a word or beside a look-alike
// letter occurs in campaigns ("hetflix-install", "adevanced-lp-scanner"). The first technique of a
// pair changes the label, the second puts something around it; or the second
// changes it and the first, which must have an Explain, replaces letters of what remains.
func pairs() []pair {
	return []pair{
		{"homoglyph", "combosquatting", pairFactor},
		{"homoglyph", "faux-tld", pairFactor},
		{"insertion", "combosquatting", pairFactor},
		{"omission", "combosquatting", pairFactor},
		{"repetition", "combosquatting", pairFactor},
		{"replacement", "combosquatting", pairFactor},
		{"vowel-swap", "combosquatting", pairFactor},
		{"transposition", "combosquatting", pairFactor},
		{"hyphenation", "combosquatting", pairFactor},
		{"homoglyph", "insertion", pairFactor},
		{"homoglyph", "omission", pairFactor},
		{"homoglyph", "repetition", pairFactor},
		{"homoglyph", "replacement", pairFactor},
		{"homoglyph", "vowel-swap", pairFactor},
		{"homoglyph", "transposition", pairFactor},
		{"homoglyph", "hyphenation", pairFactor},
	}
}
