package page

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// commonText lists what unrelated sites share. Its own heading says how it is written.
//
//go:embed common.txt
var commonText string

// common is read once, at the first page.
var common = sync.OnceValue(func() commons { return parseCommons(commonText) })

// commons are names that say nothing about whose page it is.
type commons struct {
	files, names wordList
	hosts        wordList
	dirs         []string // of everything
	codeDirs     []string // of scripts and styles; pictures below them are the site's
}

// wordList holds whole words, and beginnings of words by their first three bytes.
type wordList struct {
	whole  map[string]bool
	starts map[string][]string
}

func (l *wordList) add(s string) {
	if l.whole == nil {
		l.whole, l.starts = map[string]bool{}, map[string][]string{}
	}
	if start, ok := strings.CutSuffix(s, "*"); ok && len(start) >= 3 {
		l.starts[start[:3]] = append(l.starts[start[:3]], start)
		return
	}
	l.whole[s] = true
}

func (l wordList) has(s string) bool {
	return l.whole[s] || len(s) >= 3 && slices.ContainsFunc(l.starts[s[:3]], func(start string) bool { return strings.HasPrefix(s, start) })
}

// parseCommons reads "[section]" lines and words between white space.
func parseCommons(text string) (c commons) {
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = line
			continue
		}
		for w := range strings.FieldsSeq(line) {
			switch section {
			case "[files]":
				c.files.add(w)
			case "[names]":
				c.names.add(w)
			case "[hosts]":
				c.hosts.add(w)
			case "[folders]":
				c.dirs = append(c.dirs, w)
			case "[code folders]":
				c.codeDirs = append(c.codeDirs, w)
			}
		}
	}
	return c
}

func (c commons) asset(host, path, name string) bool {
	if c.files.has(name) || host != "" && c.hosts.has(host) {
		return true
	}
	in := func(dir string) bool { return strings.Contains(path, dir) }
	if slices.ContainsFunc(c.dirs, in) {
		return true
	}
	code := strings.HasSuffix(name, ".js") || strings.HasSuffix(name, ".css")
	return code && slices.ContainsFunc(c.codeDirs, in)
}
