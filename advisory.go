package lurehound

import (
	"strings"
	"unicode"
)

// Concerns reports whether the advisory is about a brand with these own domains
// and words: it names a host on one of the domains, or consecutive words of a
// vendor's or product's name make up the brand's ("DICOM Viewer", dicomviewer).
// Own domains count by their registrable label.
func (a Advisory) Concerns(domains []Domain, words []string) bool {
	for _, h := range a.Hosts {
		host, err := ParseDomain(h)
		if err != nil {
			continue
		}
		for _, d := range domains {
			if host.Within(d) {
				return true
			}
		}
	}
	keys := map[string]bool{}
	for _, d := range domains {
		keys[strings.Join(nameParts(d.UnicodeLabel()), "")] = true
	}
	for _, w := range words {
		keys[strings.Join(nameParts(w), "")] = true
	}
	delete(keys, "")
	for _, names := range [][]string{a.Vendors, a.Products} {
		for _, name := range names {
			if spells(nameParts(name), keys) {
				return true
			}
		}
	}
	return false
}

// spells reports whether consecutive parts joined are one of the keys.
func spells(parts []string, keys map[string]bool) bool {
	for i := range parts {
		run := ""
		for _, p := range parts[i:min(len(parts), i+8)] { // no brand has more words
			if run += p; keys[run] {
				return true
			}
		}
	}
	return false
}

// nameParts are the runs of letters and digits, in lower case.
func nameParts(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
