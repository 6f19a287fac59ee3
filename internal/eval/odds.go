package eval

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"lurehound"
	"lurehound/internal/match"
)

// suffixOdds writes how much oftener a public suffix is a campaign's than a popular
// name's, in 1/200 of log-odds from -2 to 2. A campaign counts once for each suffix; what few names have is
// drawn to its class.
func (r *run) suffixOdds() ([]byte, error) {
	campaigns, popular := map[string]float64{}, map[string]float64{}
	class := map[string]string{}
	count := func(to map[string]float64, d lurehound.Domain) {
		if s := d.Suffix(); s != "" {
			class[s] = match.SuffixClass(s, d.Hosted())
			to[s]++
		}
	}
	type use struct {
		campaign, suffix string
		brand            int
	}
	used := map[use]bool{}
	for _, l := range r.gold.rows {
		u := use{l.campaign, l.host.Suffix(), l.brand}
		if !used[u] {
			used[u] = true
			count(campaigns, l.host)
		}
	}
	seen := map[string]bool{}
	err := eachLine(r.corpus("benign/top.list.gz"), func(line string) error {
		if d, err := lurehound.ParseDomain(line); err == nil && !seen[d.Registrable()] {
			seen[d.Registrable()] = true
			count(popular, d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	lures, others, ofLures, ofOthers := 0.0, 0.0, map[string]float64{}, map[string]float64{}
	for s, c := range class {
		lures, others = lures+campaigns[s], others+popular[s]
		ofLures[c] += campaigns[s]
		ofOthers[c] += popular[s]
	}
	odds := map[string]float64{}
	for c := range ofOthers {
		odds[c] = math.Log((ofLures[c] + 1) / (lures + 10) / ((ofOthers[c] + 1) / (others + 10)))
	}
	for s, c := range class {
		expected := ofLures[c] * popular[s] / max(ofOthers[c], 1)
		o := odds[c] + math.Log((campaigns[s]+3)/(expected+3))
		if c != s && c != match.Restricted && math.Abs(o-odds[c]) >= 0.1 {
			odds[s] = o
		}
	}
	delete(odds, match.Restricted)
	var b bytes.Buffer
	b.WriteString(oddsHead)
	for _, s := range slices.Sorted(maps.Keys(odds)) {
		if n := math.Round(100 * min(max(odds[s], -2), 2)); !strings.ContainsAny(s, " \n") {
			fmt.Fprintf(&b, "%s %.0f\n", s, n)
		}
	}
	return b.Bytes(), nil
}

const oddsHead = `# How much oftener a public suffix is a campaign's than a popular name's, in 1/100 of the natural log-odds, at most 200. From the
# registrable domains of campaigns (maltrail, Unit 42; once for each campaign and suffix) and of MISP's warning lists.
# *cc, *cc2, *new and *free are the classes of match.SuffixClass. Written by the program of package eval (-fit); do not edit.
`
