package report

import (
	"io"

	"lurehound"
)

// Format is one way to write a hunt.
type Format struct {
	Name, Doc string
	Write     func(io.Writer, lurehound.Hunt, Options) error
}

// Formats lists all formats. A new one is a file and a line here.
func Formats() []Format {
	return []Format{
		{"table", "for people: the gravest first, names defanged", writeTable},
		{"json", "one object with everything, schema " + Schema, writeJSON},
		{"jsonl", "one finding a line", writeJSONLines},
		{"csv", "one finding a line, with a header", writeCSV},
	}
}
