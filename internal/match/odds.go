package match

import (
	_ "embed"
	"strconv"
	"strings"
)

//go:embed suffix_odds.txt
var suffixOddsFile string

// suffixes knows how much oftener a public suffix is a campaign's than a popular
// name's. Suffixes that few names have are taken by their class.
type suffixes struct{ odds map[string]float64 }

// Classes of suffixes, as the file has them.
const (
	countrySuffix = "*cc"   // a country's
	countrySecond = "*cc2"  // below it
	newSuffix     = "*new"  // another top-level domain
	givenAway     = "*free" // somebody gives names below it away
	Restricted    = "*gov"  // not for everybody: governments, schools, the registry of addresses
)

func readSuffixes() suffixes {
	s := suffixes{map[string]float64{Restricted: -1}}
	for line := range strings.Lines(suffixOddsFile) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(value); err == nil {
			s.odds[name] = float64(n) / oddsUnit
		}
	}
	return s
}

// oddsUnit is what the file counts in: parts of 2, the most that it has.
const oddsUnit = 200

// of is the log-odds of a public suffix, [-1,1].
func (s suffixes) of(suffix string, free bool) float64 {
	if o, ok := s.odds[suffix]; ok {
		return o
	}
	return s.odds[SuffixClass(suffix, free)]
}

// SuffixClass is the class of suffixes that behave like this one: the old generic
// top-level domains are one class each. free says that somebody gives names below it away.
func SuffixClass(suffix string, free bool) string {
	first, _, _ := strings.Cut(suffix, ".")
	top := suffix[strings.LastIndexByte(suffix, '.')+1:]
	switch {
	case free:
		return givenAway
	case strings.Contains(" gov gob gouv govt edu ac mil int arpa ", " "+first+" "):
		return Restricted
	case len(top) == 2 && len(top) < len(suffix):
		return countrySecond
	case len(top) == 2:
		return countrySuffix
	case strings.Contains(" com net org info biz ", " "+suffix+" "):
		return suffix
	}
	return newSuffix
}
