package payload

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"lurehound"
)

// Limits of reading scripts.
const (
	maxScript  = 4 << 20 // bytes of a script that are read
	maxUndone  = 8 << 20 // bytes of all text that one script's obfuscation hides
	maxHidden  = 8       // files in base64 that one script holds and that are searched
	minBase64  = 40      // shorter literals that could be base64 are words
	wordsAKind = 2       // words of a language that make a text one of its scripts
)

// The kinds of scripts.
const (
	scriptBatch      = "bat"
	scriptPowerShell = "ps1"
	scriptVBS        = "vbs"
	scriptJS         = "js"
	scriptHTA        = "hta"
)

// scriptKind tells what a text is a script of, "" for none that is known. Words that the other languages do not
// have decide; the name's ending counts as two.
func scriptKind(name, text string) string {
	low := strings.ToLower(text[:min(len(text), 64<<10)])
	if strings.Contains(low, "<hta:application") {
		return scriptHTA
	}
	best, most := "", wordsAKind-1
	for _, k := range []struct {
		kind     string
		suffixes []string
		words    []string
	}{
		{scriptHTA, []string{".hta"}, []string{"<script", "</script>", "<html", "<head", "vbscript", "activexobject(\"wscript"}},
		{scriptBatch, []string{".bat", ".cmd"}, []string{"@echo", "echo off", "%~dp0", "setlocal", "\ngoto ", "goto :", "errorlevel", "\nrem ", "> nul", ">nul", "\nset ", "if exist ", "timeout /t", "taskkill ", "start /b"}},
		{scriptPowerShell, []string{".ps1", ".psm1"}, []string{"new-object", "invoke-", "write-host", "$env:", "start-process", "[convert]::", "[char]", "-join", "iex ", "iex(", "$null", "param(", "function global:", "[system.", "| iex", "downloadstring", "frombase64string"}},
		{scriptVBS, []string{".vbs", ".vbe"}, []string{"createobject(", "\ndim ", "end sub", "end function", "on error resume next", "option explicit", "wscript.shell", "chr(", "chrw(", "end if", "\nset ", "execute("}},
		{scriptJS, []string{".js", ".jse"}, []string{"activexobject", "function(", "function ", "eval(", "var ", "const ", "let ", "fromcharcode", "=>", "unescape(", "require(", ".join(", "atob("}},
	} {
		n := 0
		for _, w := range k.words {
			if strings.Contains(low, w) || w[0] == '\n' && strings.HasPrefix(low, w[1:]) {
				n++
			}
		}
		if slices.Contains(k.suffixes, strings.ToLower(path.Ext(name))) {
			n += 2
		}
		if k.kind == scriptHTA && path.Ext(strings.ToLower(name)) != ".hta" && !strings.Contains(low, "wscript") && !strings.Contains(low, "shell.application") {
			n = 0 // an ordinary page
		}
		if n > most {
			best, most = k.kind, n
		}
	}
	return best
}

// readScript undoes a script's simple obfuscation and adds what was hidden by it. What stands there openly is
// found by indicators. Nothing is run; expressions of literals only are folded.
func readScript(f file, acc *found) (problems []string) {
	b := make([]byte, max(0, min(f.size, maxScript)))
	n, err := f.r.ReadAt(b, 0)
	b = b[:n]
	if err != nil && err != io.EOF {
		problems = append(problems, fmt.Sprintf("reading the script: %v", err))
	}
	text, ok := asText(b, int64(n) == f.size)
	if !ok {
		return problems
	}
	s := script{kind: scriptKind(f.name, text), acc: acc, units: 1, problems: problems, left: maxUndone}
	if s.kind == "" {
		return problems
	}
	if f.size > maxScript {
		s.say(fmt.Sprintf("of the %s script only the first %d bytes were searched for obfuscation", s.kind, maxScript))
	}
	if strings.Contains(text[:min(len(text), 4<<10)], "#@~^") {
		s.say("the script is encoded as Microsoft's script encoder does, which is not undone")
	}
	switch { // how far the text's beginning is from the file's, and how its units are counted
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		s.base = 3
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		s.base, s.units = 2, 2
	case len(b) > 1 && b[1] == 0:
		s.units = 2
	}
	s.undo(text, -1, 1)
	return s.problems
}

// script is the state of undoing one script.
type script struct {
	kind     string
	acc      *found
	base     int64
	units    int // bytes of a character in the file
	left     int // bytes that may still be made
	files    int
	problems []string
}

func (s *script) say(text string) {
	if !slices.Contains(s.problems, text) {
		s.problems = append(s.problems, text)
	}
}

// undo looks for hidden text in text; what it finds stands at offset, or where offset is negative, where
// the text itself says.
func (s *script) undo(text string, offset int64, depth int) {
	if depth > maxNesting {
		s.say(fmt.Sprintf("what the script hides more than %d times over was not searched", maxNesting))
		return
	}
	var seen, runes int // how much of the text its offset is known of
	emit := func(at int, line string, values []string) {
		if s.left -= len(line); s.left < 0 {
			s.say(fmt.Sprintf("what the script hides is more than %d bytes, and was searched only in part", maxUndone))
			return
		}
		o := offset
		switch {
		case offset >= 0:
		case s.units == 2:
			runes += utf8.RuneCountInString(text[seen:at])
			seen, o = at, s.base+2*int64(runes)
		default:
			o = s.base + int64(at)
		}
		s.acc.hidden(s.acc.search(line, 1), o, s.units == 2)
		for _, v := range values {
			s.value(v, o, depth)
		}
	}
	if s.kind == scriptBatch {
		undoBatch(text, emit)
		return
	}
	x := folder{text: text, quotes: "\"'", tick: s.kind == scriptPowerShell}
	switch s.kind {
	case scriptVBS:
		x.quotes = `"`
	case scriptJS:
		x.quotes, x.escapes = "\"'`", true
	}
	x.fold(emit)
}

// value looks at a literal that folding has made: it may be code again, or base64.
func (s *script) value(v string, offset int64, depth int) {
	if s.left < 0 {
		return
	}
	if raw, ok := literalBase64(v); ok {
		if text, ok := readable(raw); ok {
			s.left -= len(text)
			s.acc.hidden(s.acc.search(text, 1), offset, s.units == 2)
			s.undo(text, offset, depth+1)
		} else {
			s.contained(raw, offset)
		}
		return
	}
	if strings.ContainsAny(v, "\"'") && strings.ContainsAny(v, "+&(") {
		s.undo(v, offset, depth+1)
	}
}

// contained searches a file that a script holds in base64. Short bytes of no known type are words by chance.
func (s *script) contained(raw []byte, offset int64) {
	r := bytes.NewReader(raw)
	typ := TypeOf(raw[:min(len(raw), headSize)], r, int64(len(raw)))
	if typ == lurehound.TypeUnknown && len(raw) < 1<<10 {
		return
	}
	if s.files++; s.files > maxHidden {
		s.say(fmt.Sprintf("more than %d files that the script holds in base64 were not searched", maxHidden))
		return
	}
	s.say(fmt.Sprintf("the script holds %d bytes of type %s in base64, which were searched and not taken apart", len(raw), typ))
	sub := newFound()
	sub.file, sub.files = s.acc.file, s.acc.files
	sub.read(file{r: r, size: int64(len(raw))}, windowSize)
	s.acc.hidden(sub, offset, s.units == 2)
}

// undoBatch takes away carets and joins the lines that end in one.
func undoBatch(text string, emit func(at int, line string, values []string)) {
	var b strings.Builder
	begin, changed, quoted := 0, false, false
	flush := func(next int) {
		if changed {
			emit(begin, b.String(), nil)
		}
		b.Reset()
		begin, changed, quoted = next, false, false
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			flush(i + 1)
		case c == '"':
			quoted = !quoted
			b.WriteByte(c)
		case c == '^' && !quoted && i+1 < len(text):
			changed = true
			if i+2 < len(text) && text[i+1] == '\r' && text[i+2] == '\n' {
				i += 2
			} else if i++; text[i] != '\n' {
				b.WriteByte(text[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	flush(len(text))
}
