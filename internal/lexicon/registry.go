package lexicon

import (
	_ "embed"
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

//go:embed registries.txt
var registryFile string

// registryRule is which letters beyond ASCII a registry takes.
type registryRule struct {
	letters map[rune]bool // those that it lists; nil for a rule on scripts
	scripts bool          // any one script, as IDNA2008 has it
}

// registryRules reads the lines "suffixes | scripts | letters". A bad line is
// left out, which a test finds.
func registryRules(file string) map[string]*registryRule {
	out := map[string]*registryRule{}
	for line := range strings.Lines(file) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) != 3 || strings.HasPrefix(line, "#") {
			continue
		}
		rule := &registryRule{letters: map[rune]bool{}}
		switch strings.TrimSpace(f[1]) {
		case "one":
			rule = &registryRule{scripts: true}
		case "none":
		default:
			for _, r := range strings.TrimSpace(f[2]) {
				rule.letters[r] = true
			}
		}
		for s := range strings.FieldsSeq(f[0]) {
			out[s] = rule
		}
	}
	return out
}

// Admits reports whether the registry of a public suffix, in A-label form, takes a
// label in Unicode form, as far as its letters and scripts go; registries.txt tells the sources and what
// is assumed where none is known. Whether IDNA2008 allows the label is not asked again.
// ASCII labels are always admitted.
func (t *Tables) Admits(suffix, label string) bool {
	if isASCII(label) {
		return true
	}
	if tld := suffix[strings.LastIndexByte(suffix, '.')+1:]; strings.HasPrefix(tld, "xn--") {
		u, err := idna.Punycode.ToUnicode(tld)
		return err == nil && oneScript(u+label) && !strings.ContainsFunc(label, isASCIILetter) && identifiers(label)
	}
	if _, icann := publicsuffix.PublicSuffix(suffix); !icann && strings.Contains(suffix, ".") {
		return false
	}
	rule := t.ruleOf(suffix)
	switch {
	case rule == nil:
		return oneScript(label) && identifiers(label)
	case rule.scripts:
		return oneScript(label)
	}
	for _, r := range label {
		if r >= utf8.RuneSelf && !rule.letters[r] {
			return false
		}
	}
	return true
}

// ruleOf is the rule of the suffix or of the nearest suffix above it; nil when none is known.
func (t *Tables) ruleOf(suffix string) *registryRule {
	for {
		if rule := t.registries[suffix]; rule != nil {
			return rule
		}
		_, parent, ok := strings.Cut(suffix, ".")
		if !ok {
			return nil
		}
		suffix = parent
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func isASCIILetter(r rune) bool { return 'a' <= r && r <= 'z' }

// together are the scripts that one label may have besides each other, by the
// profile "highly restrictive" of UTS #39, section 5.2.
func together() [][]string {
	return [][]string{{"Latin", "Han", "Hiragana", "Katakana"}, {"Latin", "Han", "Bopomofo"}, {"Latin", "Han", "Hangul"}}
}

// oneScript reports whether all letters are of one script, or of those that are
// written together. ASCII digits and the hyphen are of all; other characters that several
// scripts share, and marks that stand alone, are refused.
func oneScript(label string) bool {
	var scripts []string
	for _, r := range label {
		if r == '-' || '0' <= r && r <= '9' {
			continue
		}
		s := ScriptOf(r)
		if s == "" || s == "Common" || s == "Inherited" {
			return false
		}
		if !slices.Contains(scripts, s) {
			scripts = append(scripts, s)
		}
	}
	if len(scripts) <= 1 {
		return true
	}
	return slices.ContainsFunc(together(), func(set []string) bool {
		return !slices.ContainsFunc(scripts, func(s string) bool { return !slices.Contains(set, s) })
	})
}

// ScriptOf is the script of a character as package unicode names it, "" for none.
func ScriptOf(r rune) string {
	for _, s := range scriptTables() {
		if unicode.Is(s.table, r) {
			return s.name
		}
	}
	return ""
}

type scriptTable struct {
	name  string
	table *unicode.RangeTable
}

// scriptTables has the scripts that labels are mostly of in front.
var scriptTables = sync.OnceValue(func() []scriptTable {
	first := []string{"Latin", "Cyrillic", "Greek", "Armenian", "Common"}
	var out []scriptTable
	for _, name := range append(first, slices.Sorted(maps.Keys(unicode.Scripts))...) {
		out = append(out, scriptTable{name, unicode.Scripts[name]})
	}
	return out
})

// identifiers reports whether all characters are of Identifier_Status Allowed.
func identifiers(label string) bool {
	ranges := allowedRanges()
	for _, r := range label {
		i := sort.Search(len(ranges), func(i int) bool { return ranges[i][1] >= r })
		if r != '-' && (i == len(ranges) || ranges[i][0] > r) {
			return false
		}
	}
	return true
}

var allowedRanges = sync.OnceValue(identifierRanges)
