package report

import (
	"encoding/csv"
	"io"
	"strings"

	"lurehound"
)

// listSeparator stands between the values of a list in one cell.
const listSeparator = "|"

func writeCSV(w io.Writer, h lurehound.Hunt, _ Options) error {
	c := csv.NewWriter(w)
	err := c.Write([]string{
		"domain", "unicode", "brand", "techniques", "edits", "why", "score", "verdict", "earlier", "state", "note",
		"sources", "first_seen", "registered", "expires", "status", "registrar", "abuse", "ips", "ns", "mx",
		"page_url", "page_title", "page_similarity", "cloaking", "campaign", "signals",
	})
	if err != nil {
		return err
	}
	for i := range h.Findings {
		f := findingContract(&h.Findings[i])
		var signals []string
		for _, s := range f.Signals {
			signals = append(signals, s.Rule+": "+s.Why)
		}
		similarity := ""
		if f.Page.Similarity != nil {
			similarity = scoreText(float64(*f.Page.Similarity))
		}
		row := []string{
			f.Domain, f.Unicode, f.Brand, joined(f.Techniques), joined(f.Edits), joined(f.Why), scoreText(float64(f.Score)), f.Verdict, f.Earlier, f.State, f.Note,
			joined(f.Sources), orEmpty(f.FirstSeen), orEmpty(f.Registered), orEmpty(f.Expires), joined(f.Status), f.Registrar, f.Abuse, joined(f.IPs), joined(f.NS), joined(f.MX),
			f.Page.URL, f.Page.Title, similarity, f.Cloaking.Verdict, f.Campaign, joined(signals),
		}
		for i := range row {
			row[i] = cellText(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// cellText makes foreign text safe in a spreadsheet, which takes a cell that
// begins with one of these signs, or its full-width form, for a formula. Some
// skip blanks before it.
func cellText(s string) string {
	first := strings.TrimLeft(s, " \u00a0\u3000")
	for _, sign := range []string{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(first, sign) {
			return "'" + visible(s)
		}
	}
	return visible(s)
}

func joined(l []string) string { return strings.Join(l, listSeparator) }

func scoreText(f float64) string { return string(appendScore(nil, f)) }

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
