package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/hunt"
)

func testRuns(t *testing.T, f *fixture) {
	ctx := t.Context()
	first, resumed, err := f.Begin(ctx, "a", at(0), false)
	f.must(err)
	if resumed {
		t.Error("a new run says that it was resumed")
	}
	f.reopen()
	again, resumed, err := f.Begin(ctx, "a", at(1), false)
	f.must(err)
	if again != first || !resumed {
		t.Errorf("an unfinished run is gone on with: got run %d, resumed %v; want %d, true", again, resumed, first)
	}
	if other := f.begin("b"); other == first {
		t.Error("another key gave the same run")
	}
	f.finish(first)
	f.finish(first) // once more changes nothing
	second, resumed, err := f.Begin(ctx, "a", at(2), false)
	f.must(err)
	if second == first || resumed {
		t.Errorf("a finished run was gone on with: run %d, resumed %v", second, resumed)
	}
	third, resumed, err := f.Begin(ctx, "a", at(3), true)
	f.must(err)
	if third == second || resumed {
		t.Errorf("a fresh run goes on with run %d", second)
	}
	if err := f.Finish(ctx, second, at(4)); err == nil {
		t.Error("an abandoned run was finished")
	}
	if last, resumed, err := f.Begin(ctx, "a", at(5), false); err != nil || last != third || !resumed {
		t.Errorf("got run %d, resumed %v, error %v; want %d, true", last, resumed, err, third)
	}
}

func testRunEnded(t *testing.T, f *fixture) {
	run := f.begin("a")
	f.save(run, batch("1", "mlcrodicom.info", "microdlcom.info"))
	if err := f.Finish(t.Context(), run, at(2)); err == nil {
		t.Fatal("a run with pending candidates was finished")
	}
	for _, c := range f.pending(run) {
		f.settle(run, hunt.Settlement{Candidate: c, Outcome: lurehound.Absent})
	}
	f.finish(run)
	if err := f.SaveBatch(t.Context(), run, batch("2", "late.info")); err == nil {
		t.Error("a finished run took a batch")
	}
	if err := f.Settle(t.Context(), run, found(candidate("mlcrodicom.info"), lurehound.Malicious), at(3)); err == nil {
		t.Error("a finished run took a settlement")
	}
	if err := f.SaveBatch(t.Context(), run+1000, batch("1", "nowhere.info")); err == nil {
		t.Error("a run that does not exist took a batch")
	}
}

func testBrands(t *testing.T, f *fixture) {
	run := f.begin("a")
	if _, ok, err := f.Brand(t.Context(), run, brand); ok || err != nil {
		t.Errorf("a brand before it was saved: found %v, error %v", ok, err)
	}
	own, err := lurehound.ParseDomain(brand)
	f.must(err)
	want := lurehound.Brand{Name: "MicroDicom", Domains: []lurehound.Domain{own}, Words: []string{"DICOM Viewer"}, References: []lurehound.Reference{
		{URL: "https://microdicom.com/", Fetched: at(0), Page: &lurehound.PageFacts{Title: "MicroDicom", Words: 12, Structure: []uint32{1, 4294967295}}},
		{URL: "https://microdicom.com/download", Problem: "timeout"},
	}}
	f.must(f.SaveBrand(t.Context(), run, lurehound.Brand{Name: "first", Domains: want.Domains}))
	f.must(f.SaveBrand(t.Context(), run, want))
	f.reopen()
	same := cmp.Comparer(func(a, b lurehound.Domain) bool { return a == b })
	got, ok, err := f.Brand(t.Context(), run, brand)
	f.must(err)
	if d := cmp.Diff(want, got, same); d != "" || !ok {
		t.Errorf("found %v; want, got:\n%s", ok, d)
	}
	later := f.begin("b")
	if _, ok, _ := f.Brand(t.Context(), later, brand); ok {
		t.Error("a brand of another run was returned")
	}
	want.Name = "MicroDicom, renamed"
	f.must(f.SaveBrand(t.Context(), later, want))
	all, err := f.Brands(t.Context())
	f.must(err)
	if d := cmp.Diff([]lurehound.Brand{want}, all, same); d != "" {
		t.Errorf("all brands; want, got:\n%s", d)
	}
}

func testBatchTwice(t *testing.T, f *fixture) {
	ctx := t.Context()
	run := f.begin("a")
	if c, err := f.Cursor(ctx, run, "isc"); c != "" || err != nil {
		t.Errorf("cursor before the first batch: %q, error %v", c, err)
	}
	f.save(run, batch("day 1", "mlcrodicom.info", "microdlcom.info"))
	before := f.tally(run)
	again := batch("day 1", "mlcrodicom.info", "microdlcom.info", "another.info")
	again.Report.Days = 99
	f.save(run, again)
	if d := cmp.Diff(before, f.tally(run)); d != "" {
		t.Errorf("a batch saved twice changed something:\n%s", d)
	}
	if got := len(f.pending(run)); got != 2 {
		t.Errorf("%d candidates are pending, want 2", got)
	}
	f.save(run, batch("day 2", "mlcrodicom.info", "mlcrodlcom.info"))
	f.reopen()
	if c, err := f.Cursor(ctx, run, "isc"); c != "day 2" || err != nil {
		t.Errorf("cursor %q, error %v; want day 2", c, err)
	}
	want := hunt.Tally{
		Feeds: []hunt.FeedTally{{
			Report: lurehound.FeedReport{Feed: "isc", Days: 1, Names: 5, Newest: at(0), Problems: []string{}},
			Read:   10, Matched: 4, Unmatched: 4, Malformed: 2,
		}},
		Candidates: 3, Pending: 3,
	}
	if d := cmp.Diff(want, f.tally(run)); d != "" {
		t.Errorf("want, got:\n%s", d)
	}
	other := f.begin("b")
	f.save(other, batch("day 1", "mlcrodicom.info"))
	if got := f.tally(other).Candidates; got != 1 {
		t.Errorf("the same cursor in another run: %d candidates, want 1", got)
	}
}

func testBatchRefused(t *testing.T, f *fixture) {
	run := f.begin("a")
	short := batch("1", "mlcrodicom.info")
	short.Read++
	negative := batch("1", "mlcrodicom.info")
	negative.Matched, negative.Unmatched = -1, 3
	for name, b := range map[string]hunt.Batch{
		"does not add up": short,
		"negative counts": negative,
		"no cursor":       batch("", "mlcrodicom.info"),
	} {
		if err := f.SaveBatch(t.Context(), run, b); err == nil {
			t.Errorf("a batch was taken: %s", name)
		}
	}
	if got := f.tally(run); got.Candidates != 0 || len(got.Feeds) != 0 {
		t.Errorf("a refused batch left something behind: %+v", got)
	}
	failed := hunt.Batch{Feed: "isc", Report: lurehound.FeedReport{Feed: "isc", Problems: []string{"no answer"}}}
	f.save(run, failed)
	failed.Report.Problems = []string{"still no answer"}
	f.save(run, failed)
	if got := f.tally(run).Feeds; len(got) != 1 || got[0].Report.Problems[0] != "still no answer" {
		t.Errorf("a report without names is replaced by the next one: %+v", got)
	}
}

func testMerge(t *testing.T, f *fixture) {
	run := f.begin("a")
	c := candidate("mlcrodicom.info")
	b := batch("1")
	b.Candidates = []lurehound.Candidate{c, c} // twice in one batch
	f.save(run, b)

	more := candidate("mlcrodicom.info")
	more.Sightings = append(more.Sightings, lurehound.Sighting{Feed: "permute"})
	more.Matches[0].Score = 0.5 // other weights, the same match
	more.Matches = append(more.Matches, lurehound.Match{Brand: brand, Word: "dicom", Techniques: []string{"combosquatting"}, Score: 0.3})
	more.Links = []string{"https://mlcrodicom.info/download", "https://mlcrodicom.info/download"}
	later := batch("1")
	later.Feed, later.Candidates = "permute", []lurehound.Candidate{more}
	f.save(f.begin("b"), later)

	want := more
	want.Links = more.Links[:1]
	got := f.pending(run)
	if d := cmp.Diff([]lurehound.Candidate{want}, got, cmp.Comparer(sameDomain)); d != "" {
		t.Errorf("want, got:\n%s", d)
	}
}

func sameDomain(a, b lurehound.Domain) bool { return a == b }

func testPendingOrder(t *testing.T, f *fixture) {
	run := f.begin("a")
	b := batch("1", "c.info", "a.info", "b.info", "xn--micrdicom-m8a.com", "a.b.info")
	second := candidate("b.info")
	second.Brand = "advanced-ip-scanner.com"
	b.Candidates = append(b.Candidates, second)
	f.save(run, b)
	want := []string{"a.b.info " + brand, "a.info " + brand, "b.info advanced-ip-scanner.com", "b.info " + brand, "c.info " + brand, "xn--micrdicom-m8a.com " + brand}
	for _, limit := range []int{1, 2, 4, 100} {
		var got []string
		after := ""
		for {
			cs, err := f.Pending(t.Context(), run, after, limit)
			f.must(err)
			if len(cs) > limit {
				t.Fatalf("%d candidates at a limit of %d", len(cs), limit)
			}
			if len(cs) == 0 {
				break
			}
			for _, c := range cs {
				got = append(got, c.Domain.String()+" "+c.Brand)
			}
			after = cs[len(cs)-1].ID()
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("limit %d: want, got:\n%s", limit, d)
		}
	}
	if _, err := f.Pending(t.Context(), run, "no such candidate", 1); err == nil {
		t.Error("going on after an unknown candidate is no error")
	}
	cs := f.pending(run)
	f.settle(run, hunt.Settlement{Candidate: cs[2], Outcome: lurehound.Absent})
	rest, err := f.Pending(t.Context(), run, cs[2].ID(), 1)
	f.must(err)
	if len(rest) != 1 || rest[0].ID() != cs[3].ID() {
		t.Errorf("after a settled candidate: %v", rest)
	}
}

func testSettle(t *testing.T, f *fixture) {
	run := f.begin("a")
	f.save(run, batch("1", "mlcrodicom.info", "microdlcom.info", "gone.info", "mute.info"))
	s := found(candidate("mlcrodicom.info"), lurehound.Malicious)
	f.settle(run, s)
	f.settle(run, hunt.Settlement{Candidate: candidate("gone.info"), Outcome: lurehound.Absent, Observations: []lurehound.Observation{
		{Probe: "dns", Outcome: lurehound.Absent, DNS: &lurehound.DNSFacts{Resolution: lurehound.NXDomain, Reason: "single-resolver"}}, {Probe: "rdap"}}})
	f.settle(run, hunt.Settlement{Candidate: candidate("mute.info"), Outcome: lurehound.Unknown,
		Undecided: &lurehound.Undecided{Domain: "mute.info", Outcome: lurehound.NotResolvable, Reason: "servfail"}})
	both := found(candidate("microdlcom.info"), lurehound.Malicious)
	both.Undecided = &lurehound.Undecided{Domain: "microdlcom.info"}
	if err := f.Settle(t.Context(), run, both, at(1)); err == nil {
		t.Error("a settlement that is finding and undecided was taken")
	}
	if err := f.Settle(t.Context(), run, found(candidate("stranger.info"), lurehound.Malicious), at(1)); err == nil {
		t.Error("a candidate that is not in the run was settled")
	}
	f.reopen()
	want := *s.Finding
	want.Candidate, want.Observations, want.State = s.Candidate, s.Observations, lurehound.New
	if d := cmp.Diff([]lurehound.Finding{want}, f.findings(run), cmp.Comparer(sameDomain)); d != "" {
		t.Errorf("want, got:\n%s", d)
	}
	absent, err := f.Absent(t.Context(), run)
	f.must(err)
	if d := cmp.Diff([]lurehound.Undecided{{Domain: "gone.info", Outcome: lurehound.NXDomain, Reason: "single-resolver"}}, absent); d != "" {
		t.Errorf("absent; want, got:\n%s", d)
	}
	got := f.tally(run)
	if got.Candidates != 4 || got.Pending != 1 || got.Findings != 1 || got.Absent != 1 || got.Undecided != 1 {
		t.Errorf("tally: %+v", got)
	}
	alerts, err := f.Alerts(t.Context())
	f.must(err)
	if d := cmp.Diff([]hunt.Alert{*s.Alert}, alerts); d != "" {
		t.Errorf("outbox; want, got:\n%s", d)
	}
}

func testSettleTwice(t *testing.T, f *fixture) {
	run := f.begin("a")
	f.save(run, batch("1", "mlcrodicom.info"))
	s := found(candidate("mlcrodicom.info"), lurehound.Malicious)
	f.settle(run, s)
	before := f.findings(run)
	f.settle(run, s)
	f.settle(run, found(candidate("mlcrodicom.info"), lurehound.Parked))
	if d := cmp.Diff(before, f.findings(run), cmp.Comparer(sameDomain)); d != "" {
		t.Errorf("settling twice changed something:\n%s", d)
	}
	f.finish(run)
	next := f.begin("a")
	f.save(next, batch("1", "mlcrodicom.info"))
	f.settle(next, s) // the same alert key in another run
	if alerts, err := f.Alerts(t.Context()); err != nil || len(alerts) != 1 {
		t.Errorf("%d alerts with one key, error %v", len(alerts), err)
	}
	if all, err := f.AllFindings(t.Context()); err != nil || len(all) != 1 || len(all[0].Observations) != 2 {
		t.Errorf("all findings: the latest of every candidate, with its own observations: %d, error %v", len(all), err)
	}
	if last, err := f.Before(t.Context(), next); err != nil || len(last) != 1 || last[0].Verdict != lurehound.Malicious || len(last[0].Observations) != 2 {
		t.Errorf("before the second run: the finding of the first: %+v, error %v", last, err)
	}
	if none, err := f.Before(t.Context(), run); err != nil || len(none) != 0 {
		t.Errorf("before the first run: %d findings, error %v", len(none), err)
	}
	if old := f.findings(run); len(old) != 1 || len(old[0].Observations) != 2 {
		t.Errorf("what the first run found has changed: %+v", old)
	}
}

func testEarlier(t *testing.T, f *fixture) {
	want := map[lurehound.Verdict]lurehound.Verdict{}
	steps := []struct{ verdict, earlier lurehound.Verdict }{
		{lurehound.Suspicious, ""},
		{lurehound.TakenDown, lurehound.Suspicious},
		{lurehound.Malicious, ""},
		{lurehound.TakenDown, lurehound.Malicious},
		{lurehound.TakenDown, lurehound.Malicious},
		{lurehound.Parked, ""},
		{lurehound.TakenDown, lurehound.Malicious},
	}
	for i, s := range steps {
		run := f.begin("a")
		f.save(run, batch("1", "mlcrodicom.info", "other.info"))
		f.settle(run, found(candidate("mlcrodicom.info"), s.verdict))
		f.settle(run, found(candidate("other.info"), lurehound.TakenDown))
		fs := f.findings(run)
		if fs[0].Verdict != s.verdict || fs[0].Earlier != s.earlier {
			t.Errorf("step %d: %s, earlier %q; want %s, %q", i, fs[0].Verdict, fs[0].Earlier, s.verdict, s.earlier)
		}
		if fs[1].Earlier != want[lurehound.TakenDown] {
			t.Errorf("step %d: a verdict of another candidate was taken for the earlier one: %q", i, fs[1].Earlier)
		}
		f.finish(run)
	}
}

func testTriage(t *testing.T, f *fixture) {
	ctx := t.Context()
	run := f.begin("a")
	b := batch("1", "mlcrodicom.info", "microdlcom.info", "gone.info")
	second := candidate("mlcrodicom.info")
	second.Brand = "advanced-ip-scanner.com"
	b.Candidates = append(b.Candidates, second)
	f.save(run, b)
	for _, c := range f.pending(run) {
		if c.Domain == domain("gone.info") {
			f.settle(run, hunt.Settlement{Candidate: c, Outcome: lurehound.Absent})
			continue
		}
		f.settle(run, found(c, lurehound.Malicious))
	}
	f.finish(run)
	set := func(name string, s lurehound.State, note string, want int) {
		t.Helper()
		n, err := f.SetState(ctx, domain(name), s, note)
		f.must(err)
		if n != want {
			t.Errorf("%s: %d findings changed, want %d", name, n, want)
		}
	}
	set("mlcrodicom.info", lurehound.Ignored, "ours, for tests", 2)
	set("gone.info", lurehound.Ignored, "", 0)
	set("never-seen.info", lurehound.Ignored, "", 0)
	if _, err := f.SetState(ctx, domain("mlcrodicom.info"), "nonsense", ""); err == nil {
		t.Error("an undeclared state was taken")
	}
	next := f.begin("a")
	f.save(next, batch("1", "mlcrodicom.info", "microdlcom.info"))
	for _, c := range f.pending(next) {
		f.settle(next, found(c, lurehound.Suspicious))
	}
	f.finish(next)
	f.reopen()
	all, err := f.AllFindings(ctx)
	f.must(err)
	type line struct {
		domain, brand string
		verdict       lurehound.Verdict
		state         lurehound.State
		note          string
	}
	var got []line
	for _, g := range all {
		got = append(got, line{g.Candidate.Domain.String(), g.Candidate.Brand, g.Verdict, g.State, g.Note})
	}
	want := []line{
		{"microdlcom.info", brand, lurehound.Suspicious, lurehound.New, ""},
		{"mlcrodicom.info", "advanced-ip-scanner.com", lurehound.Malicious, lurehound.Ignored, "ours, for tests"},
		{"mlcrodicom.info", brand, lurehound.Suspicious, lurehound.Ignored, "ours, for tests"},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(line{})); d != "" {
		t.Errorf("want, got:\n%s", d)
	}
	set("mlcrodicom.info", lurehound.Confirmed, "", 2)
	if fs := f.findings(next); fs[1].State != lurehound.Confirmed || fs[1].Note != "ours, for tests" {
		t.Errorf("an empty note has to leave the earlier one: %s %q", fs[1].State, fs[1].Note)
	}
}

func testUndecided(t *testing.T, f *fixture) {
	run := f.begin("a")
	b := batch("1", "mlcrodicom.info", "microdlcom.info")
	b.Undecided = []lurehound.Undecided{
		{Domain: "z.info", Outcome: lurehound.NotResolvable, Reason: "timeout"},
		{Domain: "mlcrodicom.info", Outcome: lurehound.NotResolvable, Reason: "timeout"},
		{Domain: "b\xff\x00.info", Outcome: lurehound.Filtered, Reason: `ede\15`},
	}
	b.Read, b.Unmatched = b.Read+3, b.Unmatched+3
	f.save(run, b)
	next := batch("2")
	next.Undecided = []lurehound.Undecided{{Domain: "z.info", Outcome: lurehound.NotResolvable, Reason: "servfail"}}
	next.Read, next.Unmatched = next.Read+1, next.Unmatched+1
	f.save(run, next)
	f.settle(run, found(candidate("mlcrodicom.info"), lurehound.Suspicious))
	f.settle(run, hunt.Settlement{Candidate: candidate("microdlcom.info"), Outcome: lurehound.Unknown,
		Undecided: &lurehound.Undecided{Domain: "microdlcom.info", Outcome: lurehound.Hijacked, Reason: "probe"}})
	f.reopen()
	got, err := f.Undecided(t.Context(), run)
	f.must(err)
	want := []lurehound.Undecided{
		{Domain: "b\xff\x00.info", Outcome: lurehound.Filtered, Reason: `ede\15`},
		{Domain: "microdlcom.info", Outcome: lurehound.Hijacked, Reason: "probe"},
		{Domain: "z.info", Outcome: lurehound.NotResolvable, Reason: "servfail"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("one line a name, the latest reason, none that was decided; want, got:\n%s", d)
	}
}

// testOddNames stores what feeds may bring, and expects it back to the octet.
func testOddNames(t *testing.T, f *fixture) {
	run := f.begin("a")
	b := batch("1")
	names := []string{
		"mícrodicom.com", "MICRODICOM.INFO", "_dmarc.mlcrodicom.info", "bad\xffbyte.info", "nul\x00.info",
		`back\slash.info`, `fake\xff.info`, "a[[.]]b.info", "=cmd.info", "';DELETE-FROM-run;--.info",
		"\x1b[31m.info", "\u202ecom.info", "xn--a.info", "-x-.info", "c[。]d.info", "a[b.info",
	}
	var want []string
	for _, n := range names {
		d, err := lurehound.ParseDomain(n)
		if err != nil {
			t.Fatalf("%q: %v", n, err)
		}
		c := candidate("x.info")
		c.Domain = d
		b.Candidates = append(b.Candidates, c)
		want = append(want, c.ID())
	}
	b.Candidates[0].Sightings[0].Reason = "bad \xff octet"
	f.save(run, b)
	b.Cursor = "2" // the same sightings again
	f.save(run, b)
	f.reopen()
	var got []string
	byID := make(map[string]bool)
	for _, c := range f.pending(run) {
		if len(c.Sightings) != 1 {
			t.Errorf("%q has %d sightings, want 1", c.Domain, len(c.Sightings))
		}
		byID[c.ID()] = true
		f.settle(run, found(c, lurehound.Suspicious))
	}
	for i, id := range want {
		if !byID[id] {
			t.Errorf("%q did not come back as it was", names[i])
			continue
		}
		got = append(got, id)
	}
	if len(byID) != len(got) {
		t.Errorf("%d candidates came back, want %d", len(byID), len(names))
	}
	for _, g := range f.findings(run) {
		if g.Observations[0].Domain != g.Candidate.Domain {
			t.Errorf("the observation of %q is of %q", g.Candidate.Domain, g.Observations[0].Domain)
		}
	}
}

// testCancelled expects all or nothing from a write whose context ends.
func testCancelled(t *testing.T, f *fixture) {
	run := f.begin("a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.SaveBatch(ctx, run, batch("1", "mlcrodicom.info")); err == nil {
		t.Error("a batch was saved under a context that had ended")
	}
	if got := f.tally(run).Candidates; got != 0 {
		t.Errorf("%d candidates are left of a cancelled batch", got)
	}
	f.save(run, batch("1", "mlcrodicom.info"))
	if err := f.Settle(ctx, run, found(candidate("mlcrodicom.info"), lurehound.Malicious), at(1)); err == nil {
		t.Error("a candidate was settled under a context that had ended")
	}
	if got := f.tally(run); got.Pending != 1 || got.Findings != 0 {
		t.Errorf("after a cancelled settlement: %+v", got)
	}
}
