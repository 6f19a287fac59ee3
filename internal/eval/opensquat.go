package eval

import (
	"context"
	"strings"

	"lurehound"
)

// openSquat applies the rule of openSquat (https://github.com/atenreiro/opensquat), written anew: a keyword stands in
// the registrable domain, which is what its feeds list, or is at most one edit (Levenshtein) away from
// the label. Keywords are each brand's site label and its product's name without what no label can hold.
func (r *run) openSquat(context.Context) ([]Row, error) {
	keywords := make([][]string, len(r.gold.brands))
	n := 0
	for i, b := range r.gold.brands {
		keywords[i] = keywordsOf(b)
		n += len(keywords[i])
	}
	hit := make([]bool, len(r.gold.rows))
	for i, l := range r.gold.rows {
		hit[i] = anyKeyword(keywords[l.brand], l.host)
	}
	recall := r.recall("recall", hit)
	own, err := r.owners()
	if err != nil {
		return nil, err
	}
	names, hits, alarms := 0, 0, 0
	err = eachLine(r.corpus("benign/top.list.gz"), func(line string) error {
		d, err := lurehound.ParseDomain(line)
		if err != nil {
			return nil // Unparsable names are no feed's
		}
		names++
		any, others := false, false
		for i, b := range r.gold.brands {
			if anyKeyword(keywords[i], d) {
				any = true
				others = others || !own.owns(b, d)
			}
		}
		if any {
			hits++
		}
		if others {
			alarms++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []Row{
		{What: "keywords", Value: float64(n), Unit: Amount, Remark: "site label and product name"},
		recall,
		{What: "popular names hit", Value: rate(hits, names), Unit: Rate, Of: names, Remark: "the owners' among them: the rule knows none"},
		{What: "false alarms", Value: rate(alarms, names), Unit: Rate, Of: names},
	}, nil
}

func keywordsOf(b lurehound.Brand) []string {
	words := []string{b.Domains[0].Label()}
	for _, w := range b.Words {
		if w = squeeze(w); w != "" && w != words[0] {
			words = append(words, w)
		}
	}
	return words
}

// squeeze is a name without what no label can hold, and without hyphens.
func squeeze(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(name))
}

func anyKeyword(keywords []string, d lurehound.Domain) bool {
	name, label := registrable(d), d.Label()
	for _, k := range keywords {
		if strings.Contains(name, k) || oneEdit(k, label) {
			return true
		}
	}
	return false
}

// oneEdit reports whether the Levenshtein distance of a and b is at most 1.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i == len(a) || a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}
