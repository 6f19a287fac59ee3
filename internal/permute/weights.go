package permute

// The shares of the techniques among real look-alikes. They start from the 512
// registrable domains that imitate a brand in the development campaigns (maltrail,
// Unit 42), each counted for its shortest explanation: exact 66, combosquatting 196, insertion 41,
// omission 11, hyphenation 9, replacement 8, homoglyph 6, vowel-swap and bitsquatting 2 each, and 91 of two
// techniques; 80 are not explained. As one brand has 150 of them, the shares were then rounded
// towards each other, and homoglyph raised: the founding case is made that way. TestRecall measures what they are worth.
const (
	shareProductWord = 1.0  // a product's name, relative to the site's label: where both differ, products lead
	shareOtherSuffix = 0.72 // 324 of the 432 explained are under another suffix than the brand's site

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
