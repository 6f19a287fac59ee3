package payload

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxFoldDepth = 12      // brackets in brackets
	maxLiteral   = 2 << 20 // bytes of a folded literal
)

// folder folds expressions of literals in the text of a script: concatenations, characters by number, joined
// lists. Every byte is looked at a bounded number of times.
type folder struct {
	text    string
	quotes  string
	escapes bool // backslashes, as JavaScript has them
	tick    bool // back ticks, as PowerShell has them
	open    [256]int
	values  []string
}

// fold calls emit for each line that folding changes: its place, what it is then, and the literals that
// were made. A fold over several lines belongs to the first.
func (x *folder) fold(emit func(at int, line string, values []string)) {
	var b strings.Builder
	begin, changed := 0, false
	flush := func(next int) {
		if changed || len(x.values) > 0 {
			emit(begin, b.String(), x.values)
		}
		b.Reset()
		begin, changed, x.values = next, false, nil
	}
	for i := 0; i < len(x.text); {
		c := x.text[i]
		if c == '\n' {
			i++
			flush(i)
			continue
		}
		if x.tick && c == '`' && i+1 < len(x.text) && letter(x.text[i+1]) {
			changed = true
			i++
			continue
		}
		if x.starts(i) {
			if v, end, folded := x.expression(i, 0); end > i {
				if folded {
					changed = true
					b.WriteString(`"` + v + `"`)
					x.values = append(x.values, v)
				} else {
					b.WriteString(x.text[i:end])
					if len(v) >= minBase64 || x.decoder(i) {
						x.values = append(x.values, v)
					}
				}
				i = end
				continue
			}
		}
		b.WriteByte(c)
		i++
	}
	flush(len(x.text))
}

// decoder reports whether a literal at i is the argument of a function that decodes base64.
func (x *folder) decoder(i int) bool {
	before := strings.ToLower(strings.TrimRight(x.text[max(0, i-24):i], " "))
	return strings.HasSuffix(before, "frombase64string(") || strings.HasSuffix(before, "atob(")
}

// starts reports whether an expression of literals may begin at i.
func (x *folder) starts(i int) bool {
	c := x.text[i]
	if strings.IndexByte(x.quotes, c) >= 0 {
		return true
	}
	word := i > 0 && (wordByte(x.text[i-1]) || x.text[i-1] == '.')
	switch c {
	case '(':
		return i == 0 || !wordByte(x.text[i-1]) && x.text[i-1] != ']' && x.text[i-1] != ')'
	case '[', '-':
		return i == 0 || !wordByte(x.text[i-1])
	case 'c', 'C', 's', 'S':
		return !word
	}
	return false
}

// expression reads terms with operators between them. folded is false for one plain literal.
func (x *folder) expression(i, depth int) (v string, end int, folded bool) {
	if i < len(x.text) {
		v, end, folded = x.term(i, depth)
	}
	if end <= i {
		return "", i, false
	}
	parts, size := []string{v}, len(v)
	for {
		j := x.blanks(end)
		if j >= len(x.text) || x.text[j] != '+' && x.text[j] != '&' {
			break
		}
		k := x.blanks(j + 1)
		if k < len(x.text) && x.text[k] == '_' { // a line of VBScript that goes on
			k = x.blanks(k + 1)
		}
		if k >= len(x.text) || !x.starts(k) {
			break
		}
		w, after, _ := x.term(k, depth)
		if size += len(w); after <= k || size > maxLiteral {
			break
		}
		parts = append(parts, w)
		end, folded = after, true
	}
	return strings.Join(parts, ""), end, folded
}

func (x *folder) blanks(i int) int {
	for i < len(x.text) && (x.text[i] == ' ' || x.text[i] == '\t' || x.text[i] == '\r' || x.text[i] == '\n') {
		i++
	}
	return i
}

// has reports whether the text goes on with word, in any case, and where it ends then.
func (x *folder) has(i int, word string) (end int, ok bool) {
	if i+len(word) > len(x.text) || !strings.EqualFold(x.text[i:i+len(word)], word) {
		return i, false
	}
	return i + len(word), true
}

// term reads one thing with a value: a literal, a character by its number, a joined list, or brackets.
func (x *folder) term(i, depth int) (v string, end int, folded bool) {
	c := x.text[i]
	if strings.IndexByte(x.quotes, c) >= 0 {
		return x.literal(i)
	}
	if depth >= maxFoldDepth {
		return "", i, false
	}
	for _, f := range []string{"chrw(", "chr(", "string.fromcharcode("} {
		if j, ok := x.has(i, f); ok {
			if list, j, ok := x.list(j, ')', false); ok && (len(list) == 1 || f[0] == 's') {
				return strings.Join(list, ""), j, true
			}
			return "", i, false
		}
	}
	switch c {
	case '-':
		if j, ok := x.has(i, "-join"); ok {
			if j = x.blanks(j); j < len(x.text) && (x.text[j] == '(' || x.text[j] == '[') {
				if list, j, ok := x.brackets(j); ok {
					return strings.Join(list, ""), j, true
				}
			}
		}
	case '[':
		if j, ok := x.has(i, "[char]"); ok {
			return x.character(x.blanks(j))
		}
		if list, j, ok := x.brackets(i); ok {
			if _, array := x.has(i, "[char[]]"); array {
				if list, j, ok := x.joined(list, j); ok {
					return list, j, true
				}
				return strings.Join(list, ""), j, true
			}
			return x.joined(list, j)
		}
	case '(':
		if list, j, ok := x.brackets(i); ok && len(list) > 1 {
			if v, j, ok := x.joined(list, j); ok {
				return v, j, true
			}
		}
		if v, j, _ := x.expression(x.start(i+1), depth+1); j > i+1 {
			if k := x.blanks(j); k < len(x.text) && x.text[k] == ')' {
				return v, k + 1, true
			}
		}
	}
	return "", i, false
}

// start is where an expression in brackets begins, or the end of the text.
func (x *folder) start(i int) int {
	if i = x.blanks(i); i >= len(x.text) || !x.starts(i) {
		return len(x.text)
	}
	return i
}

// joined reads what joins a list: -join ” behind it, or .join("").
func (x *folder) joined(list []string, i int) (string, int, bool) {
	j, dot := x.has(i, ".join(")
	if !dot {
		var ok bool
		if j, ok = x.has(x.blanks(i), "-join"); !ok {
			return "", i, false
		}
	}
	j = x.blanks(j)
	separator := ""
	if j >= len(x.text) || strings.IndexByte(x.quotes, x.text[j]) < 0 {
		return "", i, false
	}
	separator, end, _ := x.literal(j)
	if end == j || len(separator) > 4 {
		return "", i, false
	}
	if dot {
		if end >= len(x.text) || x.text[end] != ')' {
			return "", i, false
		}
		end++
	}
	return strings.Join(list, separator), end, true
}

// brackets reads a list of characters and literals in brackets, after [char[]] or @ if they are there.
func (x *folder) brackets(i int) (list []string, end int, ok bool) {
	j, array := x.has(i, "[char[]]")
	for range 2 {
		if k := x.blanks(j); array && k < len(x.text) && x.text[k] == '@' {
			j = k + 1
		}
	}
	if j >= len(x.text) {
		return nil, i, false
	}
	closing := byte(')')
	switch x.text[j] {
	case '[':
		if array {
			return nil, i, false
		}
		closing = ']'
	case '(':
		if k, inner := x.has(j+1, "[char[]]"); inner && !array { // -join ([char[]](…))
			list, k, ok := x.brackets(k - len("[char[]]"))
			if k = x.blanks(k); ok && k < len(x.text) && x.text[k] == ')' {
				return list, k + 1, true
			}
			return nil, i, false
		}
	default:
		return nil, i, false
	}
	return x.list(j+1, closing, !array)
}

// list reads characters and literals between commas, up to the closing bracket. PowerShell may make
// characters of the numbers in a pipeline; where texts are due, bare numbers are none without it.
func (x *folder) list(i int, closing byte, texts bool) (list []string, end int, ok bool) {
	numbers, size := false, 0
	for {
		if i = x.blanks(i); i >= len(x.text) {
			return nil, i, false
		}
		var v string
		var j int
		switch c := x.text[i]; {
		case strings.IndexByte(x.quotes, c) >= 0:
			v, j, _ = x.literal(i)
		case c == '[':
			if k, ok := x.has(i, "[char]"); ok {
				v, j, _ = x.character(x.blanks(k))
			}
		default:
			if v, j, _ = x.character(i); j > i {
				numbers = true
			}
		}
		if size += len(v); j <= i || size > maxLiteral {
			return nil, i, false
		}
		list = append(list, v)
		if i = x.blanks(j); i >= len(x.text) {
			return nil, i, false
		}
		if x.text[i] == '|' {
			if i = x.pipeline(i + 1); i == 0 {
				return nil, i, false
			}
			numbers = false
		}
		switch i = x.blanks(i); {
		case i < len(x.text) && x.text[i] == closing:
			return list, i + 1, !texts || !numbers
		case i >= len(x.text) || x.text[i] != ',':
			return nil, i, false
		}
		i++
	}
}

// pipeline reads % {[char]$_} and its like; 0 when it is something else.
func (x *folder) pipeline(i int) int {
	i = x.blanks(i)
	for _, w := range []string{"%", "foreach-object", "foreach"} {
		if j, ok := x.has(i, w); ok {
			j = x.blanks(j)
			k := strings.IndexByte(x.text[j:min(len(x.text), j+64)], '}')
			if k < 0 {
				return 0
			}
			body := strings.ToLower(strings.NewReplacer(" ", "", "(", "", ")", "", "[int]", "").Replace(x.text[j : j+k]))
			if body == "{[char]$_" || body == "{[char]$psitem" {
				return j + k + 1
			}
			return 0
		}
	}
	return 0
}

// character reads a number, in brackets or not, as the character that it stands for.
func (x *folder) character(i int) (v string, end int, folded bool) {
	bracket := i < len(x.text) && x.text[i] == '('
	j := i
	if bracket {
		j = x.blanks(j + 1)
	}
	base := 10
	if k, ok := x.has(j, "0x"); ok {
		j, base = k, 16
	} else if k, ok := x.has(j, "&h"); ok {
		j, base = k, 16
	}
	k := j
	for k < len(x.text) && k-j < 8 && (digit(x.text[k]) || base == 16 && letter(x.text[k])) {
		k++
	}
	n, err := strconv.ParseUint(x.text[j:k], base, 32)
	if err != nil || n > utf8.MaxRune {
		return "", i, false
	}
	if bracket {
		if k = x.blanks(k); k >= len(x.text) || x.text[k] != ')' {
			return "", i, false
		}
		k++
	}
	return string(rune(n)), k, true
}

// literal reads a string that ends in its line. folded says whether its value is written otherwise.
func (x *folder) literal(i int) (v string, end int, folded bool) {
	q := x.text[i]
	if i < x.open[q] { // no quote of the kind ends one up to there
		return "", i, false
	}
	var b strings.Builder
	for j := i + 1; j < len(x.text); j++ {
		c := x.text[j]
		switch {
		case c == '\n' && !(x.escapes && q == '`'):
			x.open[q] = j
			return "", i, false
		case c == q && !x.escapes && j+1 < len(x.text) && x.text[j+1] == q: // doubled
			b.WriteByte(q)
			j++
			folded = true
		case c == q:
			if b.Len() > maxLiteral {
				return "", i, false
			}
			return b.String(), j + 1, folded
		case c == '\\' && x.escapes && j+1 < len(x.text):
			n := unescape(&b, x.text[j+1:min(len(x.text), j+6)])
			folded = folded || n > 1
			j += n
		case c == '`' && x.tick && q == '"' && j+1 < len(x.text):
			j++
			b.WriteByte(x.text[j])
			folded = true
		default:
			b.WriteByte(c)
		}
	}
	x.open[q] = len(x.text)
	return "", i, false
}

// unescape writes what an escape of JavaScript stands for, and returns how much of s it is.
func unescape(b *strings.Builder, s string) int {
	digits := map[byte]int{'x': 2, 'u': 4}[s[0]]
	if digits > 0 && len(s) > digits {
		if n, err := strconv.ParseUint(s[1:1+digits], 16, 32); err == nil {
			b.WriteRune(rune(n))
			return 1 + digits
		}
	}
	switch s[0] {
	case 'n':
		b.WriteByte('\n')
	case 'r', '\n':
	case 't':
		b.WriteByte('\t')
	default:
		b.WriteByte(s[0])
	}
	return 1
}

// literalBase64 decodes a literal that is nothing but base64.
func literalBase64(v string) ([]byte, bool) {
	v = strings.TrimRight(v, "=")
	if len(v) < 8 || strings.ContainsAny(v, " \t.:") {
		return nil, false
	}
	raw, err := base64.RawStdEncoding.DecodeString(v)
	if err != nil {
		return nil, false
	}
	if r, err := gzip.NewReader(bytes.NewReader(raw)); err == nil {
		if plain, _ := io.ReadAll(io.LimitReader(r, maxLiteral)); len(plain) > 0 {
			return plain, true
		}
	}
	return raw, true
}

// readable decodes bytes that are text in UTF-16LE, ASCII or UTF-8.
func readable(raw []byte) (string, bool) {
	if text, ok := mostlyASCII(raw); ok {
		return text, true
	}
	if !utf8.Valid(raw) {
		return "", false
	}
	for _, c := range raw {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' {
			return "", false
		}
	}
	return string(raw), true
}
