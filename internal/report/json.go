package report

import (
	"bytes"
	"encoding/json"
	"io"

	"lurehound"
)

func writeJSON(w io.Writer, h lurehound.Hunt, _ Options) error {
	return encodeTo(w, huntContract(h), "  ")
}

func writeJSONLines(w io.Writer, h lurehound.Hunt, _ Options) error {
	for i := range h.Findings {
		if err := encodeTo(w, findingContract(&h.Findings[i]), ""); err != nil {
			return err
		}
	}
	return nil
}

// encodeTo writes v and a line feed.
func encodeTo(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it is no page; <b> stays readable
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(appendVisible(make([]byte, 0, b.Len()), b.Bytes()))
	return err
}
