package permute

// The shares of the techniques among real look-alikes, counted over the 501
// registrable domains that imitate a brand in the development campaigns
// (maltrail, Unit 42). A name that several techniques explain counts for the first
// of the table; the shares of rare techniques are floors, not counts.
const (
	shareProductWord = 1.0  // a product's name, relative to the site's label
	shareOtherSuffix = 0.72 // 374 of 501 are under another suffix than the brand's site

	// pairFactor is how much oftener two techniques meet in one label than by chance:
	// whoever changes one letter is willing to change two.
	pairFactor = 3

	shareExact          = 0.20 // the label or product itself, under another suffix
	shareCombosquatting = 0.40
	shareHomoglyph      = 0.06
	shareInsertion      = 0.10
	shareOmission       = 0.05
	shareRepetition     = 0.04
	shareReplacement    = 0.03
	shareVowelSwap      = 0.03
	shareTransposition  = 0.02
	shareHyphenation    = 0.04
	shareFauxTLD        = 0.02
	shareBitsquatting   = 0.003
)
