package hunt_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/feed"
	"lurehound/internal/hunt"
	"lurehound/internal/lab"
	"lurehound/internal/probe"
)

const hostile = "micrdicom.com"

// reasonFor is why the hunt could not decide the name; the test fails where it could.
func reasonFor(t *testing.T, h lurehound.Hunt, name string) string {
	t.Helper()
	for _, u := range h.Unknown {
		if u.Domain == name {
			return u.Reason
		}
	}
	t.Errorf("%s is not among the undecided: %+v", name, h.Unknown)
	return ""
}

// TestProbePanics: a probe that breaks on one candidate costs this probe only,
// and the dns probe the candidate's verdict.
func TestProbePanics(t *testing.T) {
	for _, broken := range []string{"dns", "rdap", "http"} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			w, s := newWorld(t), newStore(t)
			p, err := w.plan(few)
			if err != nil {
				t.Fatal(err)
			}
			k := w.kit(s)
			for i, whole := range k.Probes {
				if whole.Name == broken {
					k.Probes[i].Observe = func(ctx context.Context, sub probe.Subject) []lurehound.Observation {
						if sub.Domain.String() == hostile {
							panic("a hostile answer")
						}
						return whole.Observe(ctx, sub)
					}
				}
			}
			h, err := hunt.Run(t.Context(), k, p)
			if err != nil {
				t.Fatal(err)
			}
			want := wantVerdicts()
			switch broken {
			case "dns":
				delete(want, hostile)
				if why := reasonFor(t, h, hostile); !strings.Contains(why, "a hostile answer") {
					t.Errorf("reason %q", why)
				}
				for _, r := range w.lab.Requests() {
					if strings.HasSuffix(r.Host, hostile) && (r.Service == lab.HTTP || r.Service == lab.HTTPS) {
						t.Errorf("visited, although DNS was not decided: %s%s", r.Host, r.Path)
					}
				}
			case "http":
				want[hostile] = lurehound.Inconclusive // the notice was not seen
			}
			if diff := cmp.Diff(want, verdicts(h)); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
			for _, f := range h.Findings {
				for _, o := range f.Observations {
					if f.Candidate.Domain.String() == hostile && o.Probe == broken && (o.Outcome != lurehound.Unknown || !strings.Contains(o.Reason, "a hostile answer")) {
						t.Errorf("%s: %s (%s)", o.Probe, o.Outcome, o.Reason)
					}
				}
			}
			addsUp(t, s, 1, h)
		})
	}
}

// brittle is a clock that breaks once, when it is armed.
type brittle struct {
	lurehound.Clock
	armed atomic.Bool
}

func (c *brittle) Now() time.Time {
	if c.armed.CompareAndSwap(true, false) {
		panic("a rule that nobody tested")
	}
	return c.Clock.Now()
}

// given are names that somebody asks about, and a probe that says they exist.
func given(t *testing.T, names ...string) (hunt.Plan, []probe.Probe) {
	t.Helper()
	g := &hunt.Given{}
	for _, n := range names {
		d, err := lurehound.ParseDomain(n)
		if err != nil {
			t.Fatal(err)
		}
		g.Candidates = append(g.Candidates, lurehound.Candidate{Domain: d, Sightings: []lurehound.Sighting{{Feed: hunt.GivenFeed}}})
	}
	return hunt.Plan{Verb: "check", Sources: []hunt.Source{g}}, []probe.Probe{{Name: "dns", Observe: func(_ context.Context, s probe.Subject) []lurehound.Observation {
		return []lurehound.Observation{{Domain: s.Domain, Probe: "dns", Outcome: lurehound.Found, DNS: &lurehound.DNSFacts{Resolution: lurehound.Exists}}}
	}}}
}

// still is a clock that stands.
type still struct{}

func (still) Now() time.Time                                   { return time.Date(2024, 7, 15, 9, 0, 0, 0, time.UTC) }
func (still) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// TestJudgePanics: a rule that breaks on one candidate costs its verdict only.
func TestJudgePanics(t *testing.T) {
	s, clock := newStore(t), &brittle{Clock: still{}}
	p, probes := given(t, "a.example.com", "b.example.com", "c.example.com")
	look := probes[0].Observe
	probes[0].Observe = func(ctx context.Context, sub probe.Subject) []lurehound.Observation {
		clock.armed.Store(sub.Domain.String() == "b.example.com")
		return look(ctx, sub)
	}
	h, err := hunt.Run(t.Context(), hunt.Kit{Store: s, Clock: clock, Probes: probes, Progress: silent{}, Workers: 1}, p)
	if err != nil {
		t.Fatal(err)
	}
	if why := reasonFor(t, h, "b.example.com"); !strings.Contains(why, "a rule that nobody tested") {
		t.Errorf("reason %q", why)
	}
	if len(h.Findings) != 2 || h.Complete {
		t.Errorf("%d findings, complete %v", len(h.Findings), h.Complete)
	}
	addsUp(t, s, 1, h)
}

// TestFactsThatCannotBeStored: what JSON has no form for (a year of five digits, a
// number that is none) must not stop the hunt at its candidate for ever.
func TestFactsThatCannotBeStored(t *testing.T) {
	s := newStore(t)
	p, probes := given(t, "a.example.com", "b.example.com", "c.example.com")
	probes = append(probes, probe.Probe{Name: "http", Observe: func(_ context.Context, sub probe.Subject) []lurehound.Observation {
		o := lurehound.Observation{Domain: sub.Domain, Probe: "http", Outcome: lurehound.Found, Visit: &lurehound.VisitFacts{Status: 200}}
		if sub.Domain.String() == "b.example.com" {
			o.Visit.Certificate = &lurehound.CertificateFacts{NotAfter: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}
		}
		return []lurehound.Observation{o}
	}})
	h, err := hunt.Run(t.Context(), hunt.Kit{Store: s, Clock: still{}, Probes: probes, Progress: silent{}, Workers: 2}, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range h.Findings {
		for _, o := range f.Observations {
			want := lurehound.Found
			if o.Probe == "http" && f.Candidate.Domain.String() == "b.example.com" {
				want = lurehound.Unknown
			}
			if o.Outcome != want {
				t.Errorf("%s, %s: %s (%s), want %s", f.Candidate.Domain, o.Probe, o.Outcome, o.Reason, want)
			}
		}
	}
	if len(h.Findings) != 3 {
		t.Errorf("%d findings, want 3", len(h.Findings))
	}
	addsUp(t, s, 1, h)

	s = newStore(t)
	p, probes = given(t, "a.example.com", "b.example.com")
	g := p.Sources[0].(*hunt.Given)
	g.Candidates[0].Matches = []lurehound.Match{{Score: 0.5}}
	k := hunt.Kit{Store: unfit{s}, Clock: still{}, Probes: probes, Progress: silent{}, Workers: 1}
	if h, err = hunt.Run(t.Context(), k, p); err != nil {
		t.Fatal(err)
	}
	if why := reasonFor(t, h, "a.example.com"); !strings.Contains(why, "NaN") || len(h.Findings) != 1 {
		t.Errorf("reason %q, %d findings", why, len(h.Findings))
	}
	addsUp(t, s, 1, h)
}

// unfit hands out a candidate whose score makes every sum with it no number.
type unfit struct{ hunt.Store }

func (s unfit) Pending(ctx context.Context, run int64, after string, limit int) ([]lurehound.Candidate, error) {
	list, err := s.Store.Pending(ctx, run, after, limit)
	for i := range list {
		for j := range list[i].Matches {
			list[i].Matches[j].Score = math.NaN()
		}
	}
	return list, err
}

// names is a feed of these names that then breaks off.
type names struct {
	list []string
	err  error
}

func (f names) Stream(_ context.Context, cursor string, emit func(feed.Batch) error) error {
	if cursor == "" {
		b := feed.Batch{Lines: len(f.list), Cursor: "1", Report: lurehound.FeedReport{Names: len(f.list)}}
		for _, n := range f.list {
			b.Names = append(b.Names, feed.Name{Name: n})
		}
		if err := emit(b); err != nil {
			_ = emit(feed.Batch{Cursor: "2"}) // a feed that goes on regardless
			return nil
		}
	}
	return f.err
}

// TestMatchingPanics: names that break the matcher are in the result, and end nothing.
func TestMatchingPanics(t *testing.T) {
	s := newStore(t)
	p, probes := given(t, "a.example.com")
	p.Sources = append(p.Sources, &hunt.FeedNames{Label: "list", Feed: names{list: []string{"one.example", "two.example"}}, Index: nil, Progress: silent{}})
	h, err := hunt.Run(t.Context(), hunt.Kit{Store: s, Clock: still{}, Probes: probes, Progress: silent{}, Workers: 1}, p)
	if err != nil {
		t.Fatal(err)
	}
	if why := reasonFor(t, h, "two.example"); !strings.Contains(why, "matching failed") {
		t.Errorf("reason %q", why)
	}
	if len(h.Unknown) != 2 || len(h.Findings) != 1 || h.Complete {
		t.Errorf("unknown %+v, %d findings, complete %v", h.Unknown, len(h.Findings), h.Complete)
	}
	addsUp(t, s, 1, h)
}

// TestFeedBreaksOff: what a feed brought before it broke off is looked at, and
// the result says that the feed is not whole.
func TestFeedBreaksOff(t *testing.T) {
	w, s := newWorld(t), newStore(t)
	cut := names{list: []string{"microdicom.org", "weather.example", "microd1com.com"}, err: errors.New("the line went dead")}
	_, probes := given(t)
	p := hunt.Plan{Verb: "hunt", Brands: []lurehound.Brand{w.brand}, Passive: true,
		Sources: []hunt.Source{&hunt.FeedNames{Label: "list=cut", Feed: cut, Index: w.index, MinScore: 0.5, Progress: silent{}}}}
	h, err := hunt.Run(t.Context(), hunt.Kit{Store: s, Clock: still{}, Probes: probes, Progress: silent{}, Workers: 1}, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Findings) != 2 || h.Complete || len(h.Feeds) != 1 || h.Feeds[0].Names != 3 {
		t.Errorf("%d findings, complete %v, feeds %+v", len(h.Findings), h.Complete, h.Feeds)
	}
	if got := strings.Join(h.Feeds[0].Problems, "\n"); !strings.Contains(got, "the line went dead") {
		t.Errorf("problems %q", got)
	}
	addsUp(t, s, 1, h)
}

// TestFeedGoesOnRegardless: a failed write is the hunt's error, also where the
// feed makes nothing of it.
func TestFeedGoesOnRegardless(t *testing.T) {
	w, s := newWorld(t), &frailOnce{Store: newStore(t)}
	p := hunt.Plan{Verb: "hunt", Brands: []lurehound.Brand{w.brand}, Passive: true,
		Sources: []hunt.Source{&hunt.FeedNames{Label: "list", Feed: names{list: []string{"microdicom.org"}}, Index: w.index, Progress: silent{}}}}
	if _, err := hunt.Run(t.Context(), hunt.Kit{Store: s, Clock: still{}, Progress: silent{}, Workers: 1}, p); !errors.Is(err, errDisk) {
		t.Errorf("error %v", err)
	}
}

// frailOnce loses the first batch.
type frailOnce struct {
	hunt.Store
	once sync.Once
}

func (s *frailOnce) SaveBatch(ctx context.Context, run int64, b hunt.Batch) (err error) {
	s.once.Do(func() { err = errDisk })
	if err != nil {
		return err
	}
	return s.Store.SaveBatch(ctx, run, b)
}
