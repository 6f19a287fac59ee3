package lexicon

// affixes are the words that stood beside a brand in real campaigns, with how often they
// stood in front of it and behind it; words that did not occur but belong to the same
// trades (software, accounts, parcels) have half an occurrence.
func affixes() []Affix {
	return []Affix{{"download", 1, 1}, {"app", 1, 1}}
}

// IsAffix reports whether the word is one of the affixes, and so too ordinary to
// stand for a product.
func (t *Tables) IsAffix(word string) bool { return t.affixes[word] }
