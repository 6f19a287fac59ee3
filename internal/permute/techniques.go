package permute

// Techniques is the table: a technique that is not listed here is not used.
func Techniques() []Technique {
	return []Technique{
		tldSwap(),
		productWord(),
		combosquatting(),
		homoglyph(),
		insertion(),
		omission(),
		repetition(),
		replacement(),
		vowelSwap(),
		transposition(),
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
// letter occurs in campaigns ("hetflix-install", "adevanced-lp-scanner"); two of the same kind
// do not pay.
func pairs() []pair {
	return []pair{
		{"homoglyph", "combosquatting", 1},
		{"homoglyph", "faux-tld", 1},
	}
}
