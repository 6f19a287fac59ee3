package cli

import (
	"encoding/json"
	"fmt"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/report"
)

type explainCmd struct {
	Name  string   `arg:"" help:"The name in question, defanged or not."`
	Brand string   `arg:"" name:"brand-domain" help:"The brand's domain."`
	Words []string `help:"Product names of the brand." placeholder:"W,…"`
}

func (explainCmd) Help() string {
	return `Writes the two names above each other, marks what differs, and takes the score apart.

Examples:
  lurehound explain mlcrodicom[.]info microdicom.com
  lurehound explain putty-download.top chiark.greenend.org.uk --words putty`
}

// Run prints the explanation.
func (c *explainCmd) Run(con *console, g *Globals) error {
	format := g.Format
	switch format {
	case "":
		format = "table" // an explanation is for people
	case "table", "json", "jsonl":
	default:
		return misuse("--format %s is not for this verb; type one of table, json, jsonl", format)
	}
	l, err := lurehound.ParseLink(c.Name)
	if err != nil {
		return misuse("%v", err)
	}
	brand, err := oneBrand(c.Brand, c.Words)
	if err != nil {
		return err
	}
	ix, err := match.NewIndex([]lurehound.Brand{brand}, lexicon.Default())
	if err != nil {
		return err
	}
	e := ix.Explain(l.Domain)[0]
	if format != "table" {
		enc := json.NewEncoder(con.stdout)
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	}
	out := report.Explained{Match: e.Match, OrElse: e.OrElse}
	for _, c := range e.Columns {
		out.Pieces = append(out.Pieces, report.Piece(c))
	}
	for _, f := range e.Factors {
		out.Factors = append(out.Factors, report.Factor(f))
	}
	if e.Match.Score > 0 && e.Match.Score < match.DefaultMinScore {
		out.Note = fmt.Sprintf("below %v, which hunt and match leave out", match.DefaultMinScore)
	}
	return report.Explain(con.stdout, out, reportOptions(con))
}
