package eval

import (
	"context"
	"math"
	"testing"
)

// Four hosts beside 400 names count five each: 20 of 400.
func TestCalibrationWeighsHosts(t *testing.T) {
	r := &run{
		alarms: alarms{names: 400, scores: []float64{1, 0.55, 0.52, 0.5, 0.5, 0.51}},
		lures:  []float64{0.96, 0.9, 0.58, 0},
	}
	rows, err := r.calibration(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 10 {
		t.Fatalf("%d rows, want a row for each tenth", len(rows))
	}
	for _, tt := range []struct {
		bin    int // from the highest
		value  float64
		of     int
		remark string
	}{
		{0, 10. / 11, 3, "2 labelled hosts, 1 popular false alarms; their mean score is 0.936, weighed alike"},
		{1, 0, 0, "no rows"},
		{4, 5. / 10, 6, "1 labelled hosts, 5 popular false alarms; their mean score is 0.548, weighed alike"},
		{9, 0, 0, "no rows"}, // what does not match has no score
	} {
		got := rows[tt.bin]
		if math.Abs(got.Value-tt.value) > 1e-9 || got.Of != tt.of || got.Remark != tt.remark {
			t.Errorf("%s: %.4f of %d, %q; want %.4f of %d, %q", got.What, got.Value, got.Of, got.Remark, tt.value, tt.of, tt.remark)
		}
	}
}
