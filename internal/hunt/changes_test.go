package hunt

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
)

func TestChanges(t *testing.T) {
	t.Parallel()
	d, err := lurehound.ParseDomain("mlcrodicom.info")
	if err != nil {
		t.Fatal(err)
	}
	looked := func(brand, title string, v lurehound.Verdict, similarity float64) lurehound.Finding {
		return lurehound.Finding{
			Candidate: lurehound.Candidate{Domain: d, Brand: brand}, Verdict: v, Judged: time.Unix(9, 0), Comparison: lurehound.Comparison{Similarity: &similarity},
			Observations: []lurehound.Observation{{Visit: &lurehound.VisitFacts{Status: 200, Page: &lurehound.PageFacts{Title: title}}}},
		}
	}
	now := []lurehound.Finding{looked("microdicom.com", "MicroDicom", lurehound.Malicious, 0.98), looked("other.com", "", lurehound.Parked, 0)}
	changes(now, []lurehound.Finding{looked("microdicom.com", "Coming soon", lurehound.Inconclusive, 0.03), looked("third.com", "", lurehound.Parked, 0)})
	want := []string{"the verdict was inconclusive", `the title was "Coming soon", and is "MicroDicom"`, "its similarity to the genuine page is 0.98, was 0.03"}
	if diff := cmp.Diff(want, now[0].Changes); diff != "" || !now[0].Since.Equal(time.Unix(9, 0)) {
		t.Errorf("since %v; want, got:\n%s", now[0].Since, diff)
	}
	if !now[1].Since.IsZero() || now[1].Changes != nil {
		t.Errorf("of another brand: %v %q", now[1].Since, now[1].Changes)
	}
}
