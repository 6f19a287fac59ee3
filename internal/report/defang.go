package report

import (
	"strings"

	"lurehound"
)

// defang makes a name unclickable, in its Unicode form where it is one.
func defang(name string) string {
	if d, err := lurehound.ParseDomain(name); err == nil {
		return d.Defanged()
	}
	return lurehound.Defang(name)
}

func defangAll(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = defang(n)
	}
	return out
}

// defangText defangs the links and names among the words of a sentence. Mail
// addresses and what is defanged already stay.
func defangText(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	words := strings.Fields(s)
	for i, w := range words {
		core := strings.TrimRight(strings.Trim(w, "()<>\"'“”,;:!?"), ".,;:!?")
		at := strings.Index(w, core)
		if core == "" || !strings.Contains(core, ".") || strings.Contains(core, "[.]") {
			continue
		}
		words[i] = w[:at] + defangWord(core) + w[at+len(core):]
	}
	return strings.Join(words, " ")
}

func defangWord(w string) string {
	if strings.Contains(w, "://") {
		return lurehound.Defang(w)
	}
	if d, err := lurehound.ParseDomain(w); err == nil && d.Problem() == "" {
		return d.Defanged()
	}
	return w
}
