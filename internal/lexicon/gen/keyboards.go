package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// keyboards are the layouts that layouts.txt has: a name for people, the file and
// section of xkb-data that describes it, and of 1,000 people who write Latin
// letters how many have it, by the number of people online in the countries that use
// it: an estimate that orders them, no more.
var keyboards = []struct {
	name, file, section string
	share               int
}{
	{"us", "us", "basic", 524},
	{"uk", "gb", "basic", 45},
	{"german", "de", "basic", 60},
	{"swiss", "ch", "basic", 6},
	{"french", "fr", "basic", 45},
	{"belgian", "be", "basic", 7},
	{"canadian", "ca", "fr", 6},
	{"spanish", "es", "basic", 28},
	{"latin-american", "latam", "basic", 60},
	{"italian", "it", "basic", 32},
	{"portuguese", "pt", "basic", 6},
	{"brazilian", "br", "abnt2", 60},
	{"dutch", "nl", "basic", 4},
	{"swedish", "se", "basic", 12},
	{"danish", "dk", "basic", 4},
	{"norwegian", "no", "basic", 4},
	{"polish", "pl", "basic", 22},
	{"czech", "cz", "basic", 7},
	{"slovak", "sk", "basic", 3},
	{"hungarian", "hu", "basic", 6},
	{"romanian", "ro", "basic", 9},
	{"croatian", "hr", "basic", 4},
	{"turkish-q", "tr", "basic", 38},
	{"latvian", "lv", "basic", 1},
	{"lithuanian", "lt", "us", 2},
	{"estonian", "ee", "basic", 1},
	{"icelandic", "is", "basic", 1},
	{"dvorak", "us", "dvorak", 1},
	{"colemak", "us", "colemak", 2},
}

// The keys of a row by their names in XKB, from the left. The key that European
// keyboards have left of the lowest row carries no letter or digit on any layout but a
// few for programmers, and is left out.
var keyRows = [4]struct {
	prefix string
	keys   int
}{{"AE", 12}, {"AD", 12}, {"AC", 11}, {"AB", 10}}

const layoutHeader = `# Keyboard layouts: name, share in 1/1000 of those who write Latin letters, and the four rows of keys from the top,
# each shifted by about half a key to the right of the one above. A key has the digit that it gives with or without
# shift, else the letter or hyphen that it gives without; "_" is a key with none of these.
# Source: xkb-data 2.35.1 of Debian (xkeyboard-config, MIT/X11 licence). The shares are estimates from the number of
# people online in the countries that use the layout. Written by gen; do not edit.
`

// writeKeyboards reads the directory symbols of xkb-data.
func writeKeyboards(dir, out string) error {
	var buf bytes.Buffer
	buf.WriteString(layoutHeader)
	for _, k := range keyboards {
		keys := map[string][2]string{}
		if err := readSymbols(dir, k.file, k.section, keys, 0); err != nil {
			return fmt.Errorf("reading layout %s: %w", k.name, err)
		}
		fmt.Fprintf(&buf, "%s %d", k.name, k.share)
		for _, r := range keyRows {
			row := ""
			for i := range r.keys {
				row += keyFace(keys[fmt.Sprintf("%s%02d", r.prefix, i+1)])
			}
			if row = strings.TrimRight(row, "_"); row == "" {
				return fmt.Errorf("layout %s has an empty row %s", k.name, r.prefix)
			}
			fmt.Fprintf(&buf, " %s", row)
		}
		buf.WriteByte('\n')
	}
	return os.WriteFile(out, buf.Bytes(), 0o644)
}

// keyFace is what counts of a key's first two levels: its digit, for people
// read that off the key, else its letter or hyphen.
func keyFace(levels [2]string) string {
	for _, s := range levels {
		if len(s) == 1 && s[0] >= '0' && s[0] <= '9' {
			return s
		}
	}
	switch s := levels[0]; {
	case s == "minus":
		return "-"
	case len(s) == 1 && s[0] >= 'a' && s[0] <= 'z':
		return s
	}
	return "_"
}

var (
	xkbSection = regexp.MustCompile(`(?s)xkb_symbols\s+"([^"]+)"\s*\{(.*?)\n\s*\};`)
	xkbComment = regexp.MustCompile(`//[^\n]*`)
	xkbLine    = regexp.MustCompile(`include\s+"([^"]+)"|key\s+<(A[BCDE]\d\d)>\s*\{([^}]*)\}`)
	xkbInclude = regexp.MustCompile(`^(\w+)(?:\(([^)]+)\))?$`)
	xkbGroup   = regexp.MustCompile(`\w+\[\w+\]`)
	xkbLevels  = regexp.MustCompile(`\[\s*([^,\]\s]+)\s*(?:,\s*([^,\]\s]+))?`)
)

// readSymbols follows one section of a symbols file and what it includes.
func readSymbols(dir, file, section string, keys map[string][2]string, depth int) error {
	if depth > 8 {
		return fmt.Errorf("%s(%s) includes itself", file, section)
	}
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return err
	}
	for _, m := range xkbSection.FindAllStringSubmatch(xkbComment.ReplaceAllString(string(b), ""), -1) {
		if section != "" && m[1] != section {
			continue
		}
		for _, l := range xkbLine.FindAllStringSubmatch(m[2], -1) {
			if l[1] != "" {
				in := xkbInclude.FindStringSubmatch(l[1])
				if in == nil || strings.Contains(l[1], "level3") || strings.Contains(l[1], "kpdl") {
					continue
				}
				if err := readSymbols(dir, in[1], in[2], keys, depth+1); err != nil {
					return err
				}
				continue
			}
			if v := xkbLevels.FindStringSubmatch(xkbGroup.ReplaceAllString(l[3], "")); v != nil && v[1] != "NoSymbol" && v[1] != "any" {
				keys[l[2]] = [2]string{v[1], v[2]}
			}
		}
		return nil
	}
	return fmt.Errorf("%s has no section %q", file, section)
}
