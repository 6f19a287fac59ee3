package lexicon

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed products.txt
var productFile string

var knownProducts = sync.OnceValue(func() map[string][]string {
	known := map[string][]string{}
	for line := range strings.Lines(productFile) {
		maker, products, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for p := range strings.SplitSeq(products, ",") {
			known[maker] = append(known[maker], strings.TrimSpace(p))
		}
	}
	return known
})

// Products are the names of what the owner of a site label is known to make, as
// people write them; none for most.
func (t *Tables) Products(label string) []string { return knownProducts()[label] }
