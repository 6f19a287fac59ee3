package eval

import (
	"context"
	"os"
	"testing"
)

// TestClones holds the promise: nearly all copies at no false alarm, and the same bytes are 1.
func TestClones(t *testing.T) {
	share := "/usr/share"
	if testing.Short() {
		share = t.TempDir() // made sites only
	}
	r := &run{opt: Options{Share: share, Dump: os.Getenv("LUREHOUND_DUMP")}}
	rows, err := r.clones(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Row{}
	for _, row := range rows {
		got[row.What] = row
		t.Logf("%-60s %.3f of %d %s", row.What, row.Value, row.Of, row.Remark)
	}
	for what, least := range map[string]float64{
		"similarity: recall at 0 % false alarms":  0.98,
		"recall from 0.80, the threshold":         0.98,
		"the same bytes: recall at the threshold": 1,
	} {
		if row, ok := got[what]; !ok || row.Value < least {
			t.Errorf("%s: %.3f, want %.2f at least", what, row.Value, least)
		}
	}
	if row := got["false alarms from 0.80, the threshold"]; row.Value != 0 || row.Of < 1000 {
		t.Errorf("false alarms: %+v, want none of many", row)
	}
	if row := got["the same bytes: recall at the threshold"]; row.Remark != "the least is 1.000" {
		t.Errorf("the same bytes: %s", row.Remark)
	}
}
