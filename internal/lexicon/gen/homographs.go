package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Weights of homographs in hundredths: how likely a reader is fooled, by eye.
const (
	alike    = 100 // confusable itself: а, ı, ɑ
	restrict = 50  // times, for one that UTS #39 does not recommend: few fonts draw it well
	below    = 40  // a mark below or through, which the underline of a link hides
	above    = 20
	marks    = 5 // more than one mark
)

type homograph struct {
	from, script string
	to           rune
	weight       int
}

// writeHomographs writes the letters that IDNA2008 lets into a label and that
// look like ASCII letters or digits, with the script and a weight.
func writeHomographs(corpus, out string) error {
	proto, err := prototypes(corpus)
	if err != nil {
		return err
	}
	types, err := identifierTypes(filepath.Join(corpus, "unicode/IdentifierType.txt"))
	if err != nil {
		return err
	}
	var all []homograph
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if h, ok := homographOf(r, proto, types[r]); ok {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, func(a, b homograph) int {
		return cmp.Or(strings.Compare(a.from, b.from), b.weight-a.weight, int(a.to-b.to))
	})
	var b bytes.Buffer
	b.WriteString(homographsHeader)
	for _, h := range all {
		fmt.Fprintf(&b, "%s %s %c %d\n", h.from, h.script, h.to, h.weight)
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

func homographOf(r rune, proto map[rune]string, types []string) (homograph, bool) {
	s := string(r)
	if !unicode.IsLetter(r) || unicode.ToLower(r) != r || norm.NFKC.String(s) != s {
		return homograph{}, false
	}
	if a, err := idna.Registration.ToASCII(s); err != nil || a == s {
		return homograph{}, false
	}
	from := closure(s, proto)
	if from == s || len(from) > 3 || strings.Trim(from, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return homograph{}, false
	}
	script := scriptOf(r)
	// Scripts out of use are sold by hardly any registry; what looks like a capital is none in a label.
	if script == "" || strings.ContainsFunc(proto[r], unicode.IsUpper) ||
		slices.ContainsFunc(types, func(t string) bool { return t == "Exclusion" || t == "Limited_Use" }) {
		return homograph{}, false
	}
	// Marks are seen in the prototype of a letter with a stroke, too.
	full := norm.NFD.String(s)
	if p, ok := proto[r]; ok && full == s {
		full = norm.NFD.String(p)
	}
	weight, n := alike, 0
	for _, m := range full {
		if !unicode.Is(unicode.Mn, m) {
			continue
		}
		n++
		weight = above
		// Combining classes of marks below, attached or through the letter.
		if c := norm.NFD.PropertiesString(string(m)).CCC(); c == 1 || c == 202 || c == 220 {
			weight = below
		}
	}
	if n > 1 {
		weight = marks
	}
	if !slices.Contains(types, "Recommended") {
		weight = max(1, weight*restrict/100)
	}
	return homograph{from, script, r, weight}, true
}

func scriptOf(r rune) string {
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		if name != "Common" && name != "Inherited" && unicode.Is(unicode.Scripts[name], r) {
			return name
		}
	}
	return ""
}

const homographsHeader = `# Letters that look like ASCII ones: what is imitated, script, letter, weight in 1/100.
# Made by gen from confusables.txt and IdentifierType.txt 17.0.0 of Unicode Technical Standard #39, the decompositions
# of Unicode 15, and IDNA2008 (golang.org/x/net/idna, registration profile): only what may stand in a label is here, and no letters of
# scripts of limited use. Do not edit.
# Copyright (c) 1991-2025 Unicode, Inc. Distributed under the Unicode License v3, https://www.unicode.org/license.txt, which gives
# permission to use, copy, modify and distribute the data files as long as this notice appears with them.
# The weight: 100 for what is confusable itself, 40 with one mark below or through, 20 with one above, 5 with more; half of it for
# what is not recommended for identifiers. By eye.
`
