package eval

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
)

// Row is one figure.
type Row struct {
	Part   string  `json:"part"`
	What   string  `json:"what"`
	Value  float64 `json:"value"`
	Unit   Unit    `json:"unit,omitempty"`
	Of     int     `json:"of,omitempty"` // how many a share is of, or an amount was counted in
	Remark string  `json:"remark,omitempty"`
}

// Unit is what a figure counts.
type Unit string

// The units.
const (
	Share  Unit = "share"
	Score  Unit = "score"
	Amount Unit = "rows"
	Rate   Unit = "in 100,000"
	Daily  Unit = "a day"
)

// share is a row of n of total; without a total there is no share.
func share(what string, n, total int) Row {
	if total == 0 {
		return Row{What: what, Remark: "no rows"}
	}
	return Row{What: what, Value: float64(n) / float64(total), Unit: Share, Of: total}
}

func (r Row) value() string {
	switch r.Unit {
	case Share:
		return fmt.Sprintf("%.3f", r.Value)
	case Score:
		return fmt.Sprintf("%.4f", r.Value)
	case Amount:
		return fmt.Sprintf("%.0f", r.Value)
	case Rate, Daily:
		return fmt.Sprintf("%.1f", r.Value)
	}
	return ""
}

// writeTable writes rows as one aligned table. Columns: part, what, value, unit, of, remark.
func writeTable(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "part\tmeasure\t%8s\tunit\t%7s\tremark\n", "value", "of")
	last := ""
	for _, r := range rows {
		part, of := r.Part, ""
		if part == last {
			part = ""
		}
		last = r.Part
		if r.Of > 0 {
			of = fmt.Sprint(r.Of)
		}
		fmt.Fprintf(t, "%s\t%s\t%8s\t%s\t%7s\t%s\n", part, r.What, r.value(), r.Unit, of, r.Remark)
	}
	return t.Flush()
}

// writeJSON writes {"version":1,"rows":[…]}.
func writeJSON(w io.Writer, rows []Row) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		Version int   `json:"version"`
		Rows    []Row `json:"rows"`
	}{1, rows})
}
