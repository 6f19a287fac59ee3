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
	Word   string
	Before bool // in front of the product; else behind it
	Weight float64
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
			out = append(out, Version{f[0], f[1] == "b", float64(n) / 100})
		}
	}
	return out
})

// Versions are the usual ones, the likeliest first.
func (t *Tables) Versions() []Version { return versions() }
