package hunt_test

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/cloak"
	"lurehound/internal/egress"
	"lurehound/internal/feed"
	"lurehound/internal/fetch"
	"lurehound/internal/hunt"
	"lurehound/internal/lab"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/page"
	"lurehound/internal/probe"
	"lurehound/internal/resolve"
	"lurehound/internal/store/sqlite"
)

// Budgets of the hunts: few names reach every name of the case, more reach the
// zone that answers for all names (*.ws), too.
const (
	few  = 225
	more = 1500
)

// world is the laboratory, wired as the program wires it.
type world struct {
	lab   *lab.Lab
	web   *fetch.Client
	dns   *resolve.Client
	brand lurehound.Brand
	index *match.Index

	onDial func()       // called before each connection and datagram; set before the hunt
	dials  atomic.Int64 // connections and datagrams so far
}

func (w *world) dialled() {
	w.dials.Add(1)
	if w.onDial != nil {
		w.onDial()
	}
}

// counted is a socket whose datagrams are counted.
type counted struct {
	net.Conn
	count func()
}

func (c counted) Write(p []byte) (int, error) {
	c.count()
	return c.Conn.Write(p)
}

func openWorld() (*world, error) {
	l, err := lab.Open("microdicom")
	if err != nil {
		return nil, err
	}
	w := &world{lab: l}
	gateway := egress.New(egress.Config{Named: l.Resolvers(), Routes: labRoutes(l), Lab: func(ctx context.Context, network, address string) (net.Conn, error) {
		if network == "udp" { // many questions go over one socket
			c, err := l.Dial(ctx, network, address)
			return counted{c, w.dialled}, err
		}
		w.dialled()
		return l.Dial(ctx, network, address)
	}})
	if w.dns, err = resolve.New(resolve.Config{Dialer: gateway, Servers: l.Resolvers(), Clock: l.Clock()}); err != nil {
		return nil, err
	}
	w.web = fetch.New(fetch.Config{Gateway: gateway, Resolver: w.dns, Clock: l.Clock(), Roots: l.Roots(), Refresh: page.Refresh})
	w.brand = l.Brands()[0]
	w.index, err = index()
	return w, err
}

// index is of the laboratory's brand, which is the same in each: it takes
// longer to make than everything else of a world.
var index = sync.OnceValues(func() (*match.Index, error) {
	l, err := lab.Open("microdicom")
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return match.NewIndex(l.Brands(), lexicon.Default())
})

func (w *world) Close() {
	w.web.Close()
	w.lab.Close()
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w, err := openWorld()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func (w *world) plan(budget int) (hunt.Plan, error) {
	brands := []lurehound.Brand{w.brand}
	cfg := feed.Config{HTTP: w.web.Service(), Clock: w.lab.Clock(), Contact: w.lab.Contact(), Days: 31, Fragments: feed.Fragments(brands)}
	if budget == few {
		cfg.Fragments = []string{"dicom", "dlcom", "micrd"} // enough for the case, in a seventh of the time
	}
	for _, k := range feed.Kinds() {
		if k.Name != "isc" {
			continue
		}
		isc, err := k.Open(cfg, "")
		return hunt.Plan{
			Verb: "hunt", Brands: brands, Profile: egress.DefaultProfile(),
			Sources: []hunt.Source{
				&hunt.Permutations{Brands: brands, Budget: budget, Resolver: w.dns, Index: w.index, Tables: lexicon.Default(), Progress: silent{}},
				&hunt.FeedNames{Label: "isc", Feed: isc, Index: w.index, MinScore: match.DefaultMinScore, Progress: silent{}},
			},
			Advisories: []lurehound.Advisory{{ID: "ICSMA-24-163-01", Released: time.Date(2024, 6, 11, 0, 0, 0, 0, time.UTC), Vendors: []string{"MicroDicom"}}},
		}, err
	}
	panic("the feed isc is not in its table")
}

// visitors are as whom candidates are visited.
func visitors() cloak.Space {
	s := cloak.DefaultSpace([]egress.Route{egress.Direct()})
	s.Budget, s.Few = 16, true
	return s
}

func (w *world) kit(s hunt.Store) hunt.Kit {
	probes := probe.Table(probe.Kit{DNS: w.dns, Services: w.web, Web: w.web, Clock: w.lab.Clock(), Visitors: visitors()})
	return hunt.Kit{Store: s, Clock: w.lab.Clock(), Probes: probes, Web: w.web, Progress: silent{}, Workers: 8}
}

// hunts runs a hunt of that budget on the store.
func (w *world) hunts(ctx context.Context, t testing.TB, s hunt.Store, budget int) (lurehound.Hunt, error) {
	t.Helper()
	p, err := w.plan(budget)
	if err != nil {
		t.Fatal(err)
	}
	return hunt.Run(ctx, w.kit(s), p)
}

func newStore(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lurehound.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// silent is nobody who watches.
type silent struct{}

func (silent) Stage(string, int)         {}
func (silent) Advance(int)               {}
func (silent) Finding(lurehound.Finding) {}
func (silent) Say(string)                {}

// same compares results, but for the times at which something was done.
var same = cmp.Options{
	cmp.Comparer(func(a, b lurehound.Domain) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.FilterPath(func(p cmp.Path) bool {
		switch p.Last().String() {
		case ".At", ".Took", ".Judged", ".Fetched", ".Since":
			return true
		}
		return false
	}, cmp.Ignore()),
}

// wantVerdicts are the names of the scenario's README that a hunt decides.
func wantVerdicts() map[string]lurehound.Verdict {
	return map[string]lurehound.Verdict{
		"mlcrodicom.info":         lurehound.Malicious,
		"microdlcom.info":         lurehound.Malicious,
		"mlcrodlcom.info":         lurehound.Malicious,
		"microdicom.net":          lurehound.Parked,
		"micrdicom.com":           lurehound.TakenDown,
		"microdicom-download.com": lurehound.TakenDown,    // on hold at the registry
		"microdicom-viewer.com":   lurehound.Inconclusive, // shows itself abroad only
		"microdico.com":           lurehound.Benign,       // the restaurant, the same for all visitors
		"micro-dicom.me":          lurehound.Inconclusive, // name servers only
	}
}

func verdicts(h lurehound.Hunt) map[string]lurehound.Verdict {
	got := map[string]lurehound.Verdict{}
	for _, f := range h.Findings {
		got[f.Candidate.Domain.String()] = f.Verdict
	}
	return got
}

// addsUp is the law that what comes in goes out, by the result and by the store.
func addsUp(t testing.TB, s *sqlite.Store, run int64, h lurehound.Hunt) {
	t.Helper()
	tally, err := s.Tally(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	existing := 0
	for _, f := range tally.Feeds {
		if f.Read != f.Matched+f.Unmatched+f.Malformed || f.Undecided > f.Unmatched {
			t.Errorf("feed %s: read %d, matched %d, unmatched %d (%d undecided), malformed %d",
				f.Report.Feed, f.Read, f.Matched, f.Unmatched, f.Undecided, f.Malformed)
		}
		if f.Report.Feed == hunt.PermutationFeed {
			existing = f.Matched
			absent := f.Unmatched - f.Undecided
			if h.Counts.Permutations != existing+absent+f.Undecided || h.Counts.Resolved != existing+absent {
				t.Errorf("permutations: %+v, the store has %d existing, %d absent, %d undecided", h.Counts, existing, absent, f.Undecided)
			}
		} else if f.Report.Feed != hunt.GivenFeed && h.Counts.FeedNames != f.Read || h.Counts.Malformed != f.Malformed {
			t.Errorf("feed names: %+v, the store has %+v", h.Counts, f)
		}
	}
	c := h.Counts
	if c.Candidates != c.Findings+c.Absent+tally.Undecided+tally.Pending || tally.Pending != 0 || c.Candidates < existing {
		t.Errorf("candidates: %+v, the store has %+v", c, tally)
	}
	if c.Findings != len(h.Findings) || c.Unknown != len(h.Unknown) {
		t.Errorf("counted %+v, listed %d findings and %d unknown", c, len(h.Findings), len(h.Unknown))
	}
	if problems, err := s.Fsck(t.Context()); err != nil || len(problems) > 0 {
		t.Errorf("fsck: %q, %v", problems, err)
	}
}

// TestHunt is the founding case from end to end: every name of the scenario
// gets what its README says of it, no name too many, no count that is off.
func TestHunt(t *testing.T) {
	w, s := newWorld(t), newStore(t)
	h, err := w.hunts(t.Context(), t, s, more)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantVerdicts(), verdicts(h)); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	for _, f := range h.Findings {
		direct := slices.ContainsFunc(f.Signals, func(s lurehound.Signal) bool { return s.Direct })
		if (f.Verdict == lurehound.Malicious) != direct {
			t.Errorf("%s is %s, direct evidence: %v", f.Candidate.Domain, f.Verdict, direct)
		}
	}
	wantUnknown := []lurehound.Undecided{
		{Domain: "dicom-viewer.ws", Outcome: lurehound.NotResolvable, Reason: "wildcard"},
		{Domain: "dicomviewer.ws", Outcome: lurehound.NotResolvable, Reason: "wildcard"},
		{Domain: "microdicom.ws", Outcome: lurehound.NotResolvable, Reason: "wildcard"},
		{Domain: "microdicorn.com", Outcome: lurehound.NotResolvable, Reason: "servfail"},
	}
	if diff := cmp.Diff(wantUnknown, h.Unknown); diff != "" {
		t.Errorf("undecided (-want +got):\n%s", diff)
	}
	if len(h.Campaigns) != 1 {
		t.Fatalf("%d campaigns, want 1", len(h.Campaigns))
	}
	if diff := cmp.Diff([]string{"microdlcom.info", "mlcrodicom.info", "mlcrodlcom.info"}, h.Campaigns[0].Domains); diff != "" {
		t.Errorf("campaign (-want +got):\n%s", diff)
	}
	if c := h.Counts; c.Permutations != more || c.FeedNames != 500 || c.Malformed != 0 || c.Candidates != 10 || c.Absent != 0 || c.Findings != 9 || c.Visited != 7 {
		t.Errorf("counts %+v", c)
	}
	if h.Complete || len(h.Problems) > 0 {
		t.Errorf("complete %v with %d undecided names, problems %q", h.Complete, len(h.Unknown), h.Problems)
	}
	addsUp(t, s, 1, h)

	again, err := w.hunts(t.Context(), t, s, more)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, again, same); diff != "" {
		t.Errorf("the same hunt on the same database says something else (-first +second):\n%s", diff)
	}
	for i, f := range again.Findings {
		if !h.Findings[i].Since.IsZero() || !f.Since.Equal(h.Findings[i].Judged) || len(f.Changes) > 0 {
			t.Errorf("%s: in the second hunt changed since %v, judged at %v in the first: %q", f.Candidate.Domain, f.Since, h.Findings[i].Judged, f.Changes)
		}
	}
	addsUp(t, s, 2, again)
	other, err := newWorld(t).hunts(t.Context(), t, newStore(t), more)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, other, same); diff != "" {
		t.Errorf("the same hunt elsewhere says something else (-first +second):\n%s", diff)
	}
}

// TestFinishedHuntBeginsAnew: a finished hunt is never gone on with; the new one asks again.
func TestFinishedHuntBeginsAnew(t *testing.T) {
	w, s := newWorld(t), newStore(t)
	for run := range 2 {
		before := w.dials.Load()
		if _, err := w.hunts(t.Context(), t, s, few); err != nil {
			t.Fatal(err)
		}
		if asked := w.dials.Load() - before; asked < few {
			t.Errorf("run %d made %d connections for %d permutations", run+1, asked, few)
		}
	}
}
