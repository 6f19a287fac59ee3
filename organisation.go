package lurehound

import (
	"slices"
	"strings"
)

// legalForms are what firms' names end with that says how they are owned, without dots.
var legalForms = [...]string{
	"ltd", "limited", "llc", "gmbh", "inc", "incorporated", "corp", "corporation", "ag", "sa", "srl", "sro", "bv", "oy", "ab", "as",
	"plc", "pty", "kg", "ood", "eood",
}

// IsLegalForm reports whether a word in lower case, without dots, says how a firm is owned: "ltd", "gmbh".
func IsLegalForm(word string) bool { return slices.Contains(legalForms[:], word) }

// WithoutLegalForm is a firm's name without "Inc.", "Co, Ltd." or "GmbH" at its end, which
// name no firm: "SOOIL Developments Co, Ltd." becomes "SOOIL Developments". The first word always stays, and so
// does "Company" that stands alone: "Bad Company" is a title.
func WithoutLegalForm(name string) string {
	words := strings.Fields(name)
	n := len(words)
	for n > 1 {
		w := strings.ToLower(strings.ReplaceAll(strings.Trim(words[n-1], ",;"), ".", ""))
		joined := w == "co" || w == "company"
		last := strings.ToLower(words[n-2])
		if !IsLegalForm(w) && !(joined && (n < len(words) || last == "and" || last == "&")) {
			break
		}
		if n--; joined && n > 1 && (last == "and" || last == "&") {
			n--
		}
	}
	if n == len(words) {
		return name
	}
	return strings.TrimRight(strings.Join(words[:n], " "), ",;")
}
