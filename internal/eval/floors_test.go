package eval

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"testing"

	"lurehound/internal/match"
)

// Floors and ceilings of what is measured, below which something broke. They are promises to
// users, not the figures of today.
const (
	leastRecall      = 0.95 // of campaigns' hosts, at the threshold for 50
	mostAlarms       = 50   // of 100,000 popular names, at the default score
	mostMedicalDaily = 10   // new names a day for 55 medical vendors, at the default score
)

// TestFloors holds what was promised against real campaigns, popular names and the new names of June 2024.
func TestFloors(t *testing.T) {
	dir := os.Getenv("LUREHOUND_CORPUS")
	if _, err := os.Stat(dir); dir == "" || err != nil {
		t.Skip("LUREHOUND_CORPUS names no folder with real data")
	}
	r := &run{opt: Options{Corpus: dir, Gold: "gold/dev", Lists: "../../eval"}}
	if err := r.prepare(); err != nil {
		t.Fatal(err)
	}
	rows := map[string]Row{}
	for _, part := range []func(context.Context) ([]Row, error){r.popular, r.campaigns, r.newNames} {
		some, err := part(context.Background())
		if errors.Is(err, fs.ErrNotExist) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range some {
			rows[row.What] = row
		}
	}
	for _, tt := range []struct {
		what  string
		least float64
		most  float64
	}{
		{"recall at 50, host", leastRecall, 1},
		{fmt.Sprintf("false alarms from %.2f, the default", match.DefaultMinScore), 0, mostAlarms},
		{fmt.Sprintf("June 2024, 55 medical vendors, from %.2f, the default", match.DefaultMinScore), 0, mostMedicalDaily},
	} {
		row, ok := rows[tt.what]
		if !ok {
			t.Errorf("nothing measures %q", tt.what)
			continue
		}
		if row.Value < tt.least || row.Value > tt.most {
			t.Errorf("%s: %.3f, want %g to %g; %s", tt.what, row.Value, tt.least, tt.most, row.Remark)
		}
	}
}
