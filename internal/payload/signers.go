package payload

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"lurehound"
)

// NormalSigner is an organisation's name without case, punctuation and legal form, so that spellings of one are equal.
func NormalSigner(s string) string {
	words := strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(s, ".", "")), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for n := len(words); n > 1; n-- {
		if last := words[n-1]; !lurehound.IsLegalForm(last) && last != "co" && last != "company" {
			break
		}
		words = words[:n-1]
	}
	return strings.Join(words, " ")
}

// SameSigner reports whether two names are one organisation's. Nobody is not the same as nobody.
func SameSigner(a, b string) bool {
	n := NormalSigner(a)
	return n != "" && n == NormalSigner(b)
}

//go:embed abused-signers.txt
var abusedText string

// abusedSigners are the names and what is known of them.
var abusedSigners = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for l := range strings.Lines(abusedText) {
		if name, what, ok := strings.Cut(strings.TrimSpace(l), "\t"); ok && name[0] != '#' {
			m[name] = what
		}
	}
	return m
})

// abused gives the listed name that a signer is, and what is known of it.
func abused(signer string) (name, what string, ok bool) {
	for n, w := range abusedSigners() {
		if SameSigner(n, signer) {
			return n, w, true
		}
	}
	return "", "", false
}

// signer looks for an abused signer's name in text.
func (f finder) signer(i int) {
	for name := range abusedSigners() {
		if t := f.run.text[i:]; len(t) >= len(name) && strings.EqualFold(string(t[:len(name)]), name) {
			f.add("signer", name, i)
		}
	}
}
