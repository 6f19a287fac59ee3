package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeIdentifiers writes the code points whose Identifier_Status is Allowed, as ranges.
func writeIdentifiers(corpus, out string) error {
	types, err := identifierTypes(filepath.Join(corpus, "unicode/IdentifierStatus.txt"))
	if err != nil {
		return err
	}
	var allowed []rune
	for r, status := range types {
		if slices.Contains(status, "Allowed") {
			allowed = append(allowed, r)
		}
	}
	slices.Sort(allowed)
	var b bytes.Buffer
	b.WriteString(identifiersHeader)
	n := 0
	for i := 0; i < len(allowed); n++ {
		j := i + 1
		for j < len(allowed) && allowed[j] == allowed[j-1]+1 {
			j++
		}
		fmt.Fprintf(&b, "{%#x, %#x},\n", allowed[i], allowed[j-1])
		i = j
	}
	b.WriteString("}\n}\n")
	src, err := format.Source(bytes.Replace(b.Bytes(), []byte("COUNT"), fmt.Append(nil, n), 1))
	if err != nil {
		return err
	}
	return os.WriteFile(out, src, 0o644)
}

// identifierTypes reads a file of lines "code points ; values".
func identifierTypes(file string) (map[rune][]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	out := map[rune][]string{}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for lines.Scan() {
		line, _, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "\ufeff"), "#")
		points, values, ok := strings.Cut(line, ";")
		if !ok {
			continue
		}
		var first, last rune
		points = strings.TrimSpace(points)
		if _, err := fmt.Sscanf(points, "%x..%x", &first, &last); err != nil {
			if _, err := fmt.Sscanf(points, "%x", &first); err != nil {
				return nil, fmt.Errorf("reading %s: %q: %w", file, points, err)
			}
			last = first
		}
		for r := first; r <= last; r++ {
			out[r] = strings.Fields(values)
		}
	}
	return out, lines.Err()
}

const identifiersHeader = unicodeHeader + `// Made from IdentifierStatus.txt 17.0.0 of Unicode Technical Standard #39.
` + unicodeLicence + `
package lexicon

// identifierRanges are COUNT ranges of code points, in order, whose Identifier_Status is Allowed.
func identifierRanges() [][2]rune {
return [][2]rune{
`
