package score

import (
	"fmt"
	"strings"
	"unicode"

	"lurehound"
)

// namedMin is the shortest registrable label that is looked for in texts;
// shorter ones are words and abbreviations of every kind. Product words are
// looked for at any length: a person chose them.
const namedMin = 4

// namesBrand looks for the brand's name, words and label as whole words in
// title, description and text. The candidate's own host name is taken out
// first: a page that says where it is does not name the brand.
func namesBrand(c Case) (lurehound.Signal, bool) {
	names := c.brandNames()
	best := lurehound.Signal{}
	for _, v := range c.own() {
		if v.Page == nil {
			continue
		}
		for _, place := range []struct {
			what, text string
			points     float64
		}{
			{"title", v.Page.Title, 20},
			{"text", v.Page.Description + " \n " + v.Page.Text, 10},
		} {
			if n, ok := names.in(c.withoutHost(place.text)); ok && place.points > best.Points {
				best = lurehound.Signal{Points: place.points, Why: fmt.Sprintf("the page's %s names %s", place.what, n), Evidence: v.URL}
			}
		}
	}
	return best, best.Points > 0
}

// withoutHost takes the candidate's host names out of a text.
func (c Case) withoutHost(s string) string {
	s = strings.ToLower(s)
	d := c.Candidate.Domain
	for _, h := range []string{d.String(), strings.ToLower(d.Unicode()), d.Registrable()} {
		if h != "" {
			s = strings.ReplaceAll(s, h, " ")
		}
	}
	return s
}

// spellings maps a name in letters and digits, lower case, to how it is written.
type spellings map[string]string

func (c Case) brandNames() spellings {
	names := spellings{}
	add := func(s string) {
		if k := strings.Join(parts(s), ""); k != "" && names[k] == "" {
			names[k] = s
		}
	}
	for _, w := range c.Brand.Words {
		add(w)
	}
	if len(c.Brand.Name) >= namedMin && !strings.Contains(c.Brand.Name, ".") {
		add(c.Brand.Name)
	}
	for _, d := range c.Brand.Domains {
		if l := d.UnicodeLabel(); len(l) >= namedMin {
			add(l)
		}
	}
	return names
}

// in finds a name that consecutive words of a text spell.
func (n spellings) in(text string) (string, bool) {
	words := parts(text)
	for i := range words {
		run := ""
		for _, w := range words[i:min(len(words), i+6)] { // no name has more words
			run += w
			if name, ok := n[run]; ok {
				return name, true
			}
		}
	}
	return "", false
}

func parts(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
