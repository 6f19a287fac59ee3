package report

import (
	"fmt"
	"strings"

	"lurehound"
)

// tablePayloads is how many files a table shows of a finding.
const tablePayloads = 2

// payloads writes a line for each file that was looked at, and its hash where it has one. The same bytes
// from several places are one file.
func (p *page) payloads(f *lurehound.Finding) {
	said := map[string]bool{}
	n := 0
	for _, file := range f.Payloads() {
		line := payloadLine(file)
		if said[line+file.SHA256] {
			continue
		}
		said[line+file.SHA256] = true
		if n++; n > tablePayloads {
			continue
		}
		p.text(detail+"↓ ", detail+"  ", line, "")
		if file.SHA256 != "" {
			p.text(detail+"  ", detail+"  ", "SHA-256 "+file.SHA256, faint)
		}
	}
	if n > tablePayloads {
		p.text(detail, detail, "and "+count(n-tablePayloads, "more file"), faint)
	}
}

// payloadLine says what a file is: "179 MB, 15 times the usual size, signed by X: not the vendor's".
func payloadLine(f *lurehound.PayloadFacts) string {
	parts := []string{megabytes(f.Size)}
	if f.Reference.Times >= 2 {
		parts = append(parts, fmt.Sprintf("%.0f times the usual size", f.Reference.Times))
	}
	s := f.Signature
	switch {
	case s.Present && s.Signer != "":
		by := "signed by " + s.Signer
		if s.Digest == lurehound.DigestMismatch {
			by += " and changed since"
		}
		parts = append(parts, by)
	case !s.Present && s.Digest == lurehound.DigestNone && f.Type == lurehound.TypePE:
		parts = append(parts, "not signed")
	}
	line := f.Name + ": " + strings.Join(parts, ", ")
	switch f.Reference.Verdict {
	case lurehound.KnownBad:
		line += ": known to be bad"
	case lurehound.Differs:
		line += ": not the vendor's"
	case lurehound.VendorSigned, lurehound.Genuine:
		line += ": the vendor's"
	}
	if f.SHA256 == "" {
		line += " (parts of it were read)"
	}
	return line
}

// megabytes counts as downloads are counted, in 1024 × 1024 bytes.
func megabytes(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return count(int(n), "byte")
}
