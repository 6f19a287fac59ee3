package lexicon

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed versions.txt
var versionFile string

// Version is a year, number or edition that stands beside a product.
type Version struct {
	Word     string
	Hyphened string // Word with a hyphen towards the product
	Before   bool   // in front of the product; else behind it
	Weight   float64
}

// versions reads the lines "word a|b weight". A bad line is left out, which a test finds.
var versions = sync.OnceValue(func() []Version {
	var out []Version
	for line := range strings.Lines(versionFile) {
		f := strings.Fields(line)
		if len(f) != 3 || f[0] == "#" {
			continue
		}
		if n, err := strconv.Atoi(f[2]); err == nil {
			v := Version{Word: f[0], Hyphened: "-" + f[0], Before: f[1] == "b", Weight: float64(n) / 100}
			if v.Before {
				v.Hyphened = f[0] + "-"
			}
			out = append(out, v)
		}
	}
	return out
})

// Versions are the usual ones, the likeliest first.
func (t *Tables) Versions() []Version { return versions() }
