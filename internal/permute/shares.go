package permute

// Priors of the shares of techniques among real look-alikes, for what Weights has not counted.
const (
	shareProductWord    = 1.0 // a product's name, relative to the site's label: where both differ, products lead
	shareOtherSuffix    = 0.7
	shareExact          = 0.20 // the label or product itself, under another suffix
	shareCombosquatting = 0.40
	shareHomoglyph      = 0.06
	shareInsertion      = 0.08
	shareOmission       = 0.05
	shareRepetition     = 0.04
	shareReplacement    = 0.03
	shareVowelSwap      = 0.03
	shareTransposition  = 0.02
	shareHyphenation    = 0.04
	shareFauxTLD        = 0.02
	shareBitsquatting   = 0.003
)
