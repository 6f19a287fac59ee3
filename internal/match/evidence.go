package match

import "math"

// evidence is what speaks for and against a name having been made after the
// brand, as numbers that the score weighs: shares and flags in [0,1] unless said.
type evidence [features]float64

type feature uint8

// The features.
const (
	bias feature = iota // always 1

	// Of the word alone.
	rarity       // how unlikely innocent names hold it
	common       // how common a word of some language it is
	length       // characters, of at most 14
	tiny         // at most four characters
	threeLetters // at most three
	twoLetters   // at most two
	commonPart   // how common a word it is where it is neither the site's label nor a whole product name
	listedPart   // the same word is in a list of words at all
	tinyVariant  // of at most four characters, and made of the brand's words by a base technique
	isVariant    // what permute's base techniques make of the brand's words
	isLead       // the first words of a name of several
	isRest       // what the product's name has besides the site's label
	isKnown      // another product of the maker
	isPart       // another word of a name of several

	// Of what stands in its place.
	changes         // what the changes cost, of at most 3
	changesShare    // the same for each character of the word
	looksOrdinary   // 1 - how unlikely innocent names hold what the word has become, by its letters
	becomesOrdinary // the same as counted, or 1 for a label of its own
	becomesWord     // how common a word of some language that is
	changedFirst    // the first character is visibly another one
	changedShort    // visible changes of a word of at most five characters
	changedTiny     // what the changes of a word of at most three characters cost
	hyphenInside    // a hyphen that the word has not

	// Of how that stands in the name. Sides are counted: 0, 1, 2.
	gluedSides // letters that run on
	wordySides // an innocent word
	scrapSides // one or two letters, or digits among letters
	affixedSides
	digitSides
	hyphenSides
	changedGlued // the same beside a visibly changed word
	changedWordy
	changedScrap
	changedAffixed
	changedDigit
	changedHyphen
	openTiny     // open sides of a word of at most four characters
	openCommon   // open sides × how common a word
	lured        // how much the words around it are those of lures
	luredTiny    // the same for a word of at most four characters
	luredOpen    // the same where both sides are open
	luredCommon  // the same × how common a word
	family       // other words of the brand stand around it
	whole        // it is all of its label
	wholeTiny    // the same for a word of at most four characters
	wholeCommon  // the same × how common a word
	wholeChanged // the same, visibly changed
	besides      // share of the label's characters that are not the word's
	besidesCost  // how unlikely the letters of the label besides the word are, [0,2]
	threeDigits  // digits beside a word of at most three characters
	shuffled     // letters and digits change places in the label as they do in what machines make up
	over         // across a dot
	contract     // below a delivery network's domain

	// Of where that label stands.
	sub        // in front of the registrable label
	subChanged // the same, visibly changed
	subWhole   // the same, a label of its own
	suffixed   // there, and the brand's own suffix follows
	free       // below a host that gives names away
	suffixOdds // log-odds of the public suffix, campaigns against popular names, [-1,1]
	ownSuffix  // the brand's own suffix behind a label that is not its own

	segmented // how much better the letters around it read with the word than without, [-1,1]

	features
)

// featureNames are what the features are called.
var featureNames = [features]string{
	bias:            "bias",
	rarity:          "rarity",
	common:          "common",
	length:          "length",
	tiny:            "tiny",
	threeLetters:    "threeLetters",
	twoLetters:      "twoLetters",
	commonPart:      "commonPart",
	listedPart:      "listedPart",
	tinyVariant:     "tinyVariant",
	isVariant:       "isVariant",
	isLead:          "isLead",
	isRest:          "isRest",
	isKnown:         "isKnown",
	isPart:          "isPart",
	changes:         "changes",
	changesShare:    "changesShare",
	looksOrdinary:   "looksOrdinary",
	becomesOrdinary: "becomesOrdinary",
	becomesWord:     "becomesWord",
	changedFirst:    "changedFirst",
	changedShort:    "changedShort",
	hyphenInside:    "hyphenInside",
	gluedSides:      "gluedSides",
	wordySides:      "wordySides",
	scrapSides:      "scrapSides",
	affixedSides:    "affixedSides",
	digitSides:      "digitSides",
	hyphenSides:     "hyphenSides",
	changedGlued:    "changedGlued",
	changedWordy:    "changedWordy",
	changedScrap:    "changedScrap",
	changedAffixed:  "changedAffixed",
	changedDigit:    "changedDigit",
	changedHyphen:   "changedHyphen",
	openTiny:        "openTiny",
	openCommon:      "openCommon",
	lured:           "lured",
	luredTiny:       "luredTiny",
	luredOpen:       "luredOpen",
	changedTiny:     "changedTiny",
	luredCommon:     "luredCommon",
	family:          "family",
	whole:           "whole",
	wholeTiny:       "wholeTiny",
	wholeCommon:     "wholeCommon",
	wholeChanged:    "wholeChanged",
	besides:         "besides",
	sub:             "sub",
	subChanged:      "subChanged",
	subWhole:        "subWhole",
	suffixed:        "suffixed",
	besidesCost:     "besidesCost",
	threeDigits:     "threeDigits",
	shuffled:        "shuffled",
	over:            "over",
	contract:        "contract",
	free:            "free",
	suffixOdds:      "suffixOdds",
	ownSuffix:       "ownSuffix",
	segmented:       "segmented",
}

// weigh is the log-odds of the evidence.
func (e *evidence) weigh() float64 {
	z := 0.0
	for i, v := range e {
		z += v * weights[i]
	}
	return z
}

func (e *evidence) flag(f feature, on bool) {
	if on {
		e[f] = 1
	}
}

func logistic(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
