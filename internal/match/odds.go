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
	newSuffix     = "*new"  // a generic top-level domain of 2013 or later, or a small old one
	givenAway     = "*free" // somebody gives names below it away
)

func readSuffixes() suffixes {
	s := suffixes{map[string]float64{}}
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
	class := newSuffix
	first, _, _ := strings.Cut(suffix, ".")
	top := suffix[strings.LastIndexByte(suffix, '.')+1:]
	switch {
	case strings.Contains(" gov gob gouv govt edu ac mil int arpa ", " "+first+" "):
		return -1 // not for everybody
	case free:
		class = givenAway
	case len(top) == 2 && len(top) < len(suffix):
		class = countrySecond
	case len(top) == 2:
		class = countrySuffix
	}
	return s.odds[class]
}
