package report

import "lurehound"

// Select Graphic Rendition sequences (ECMA-48, 8.3.117). Only the sixteen basic
// colours: they follow the theme of the terminal, light or dark.
const (
	bold    = "\x1b[1m"
	faint   = "\x1b[2m"
	red     = "\x1b[1;31m"
	green   = "\x1b[32m"
	yellow  = "\x1b[33m"
	magenta = "\x1b[35m"
	cyan    = "\x1b[36m"
	reset   = "\x1b[0m"
)

func paint(s, style string) string {
	if style == "" || s == "" {
		return s
	}
	return style + s + reset
}

func verdictStyle(v lurehound.Verdict) string {
	switch v {
	case lurehound.Malicious:
		return red
	case lurehound.Suspicious:
		return yellow
	case lurehound.TakenDown:
		return magenta
	case lurehound.Parked:
		return cyan
	case lurehound.Benign:
		return green
	}
	return faint
}
