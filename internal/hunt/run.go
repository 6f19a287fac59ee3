package hunt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"lurehound"
	"lurehound/internal/egress"
)

// Run carries out the plan, going on where an unfinished run of the same plan
// stopped. When ctx ends, what is done is kept and the result says what is
// missing. The error is of the program or the store; what the Internet does is
// in the result.
func Run(ctx context.Context, k Kit, p Plan) (lurehound.Hunt, error) {
	key, err := p.Key()
	if err != nil {
		return lurehound.Hunt{}, err
	}
	keep := context.WithoutCancel(ctx) // what was found is saved even while stopping
	run, resumed, err := k.Store.Begin(keep, key, k.Clock.Now(), p.Fresh)
	if err != nil {
		return lurehound.Hunt{}, fmt.Errorf("beginning the hunt: %w", err)
	}
	if resumed {
		k.Progress.Say("going on with an unfinished hunt of the same arguments (--fresh begins anew)")
	}
	r := runner{Kit: k, plan: p, run: run, brands: map[string]lurehound.Brand{}}
	err = r.all(ctx, keep)
	if err != nil && !errors.Is(err, ctx.Err()) { // Ctrl-C hides no failure of the store
		return lurehound.Hunt{}, err
	}
	if err != nil {
		r.interrupted = true
		r.problem("interrupted before the end: what was not looked at is not in this result")
	} else if err := k.Store.Finish(keep, run, k.Clock.Now()); err != nil {
		return lurehound.Hunt{}, fmt.Errorf("finishing the hunt: %w", err)
	}
	return r.result(keep)
}

type runner struct {
	Kit
	plan   Plan
	run    int64
	brands map[string]lurehound.Brand // by ID, with references

	interrupted bool // before all was done

	mu       sync.Mutex
	problems []string
	failed   map[string]string // sources that broke off, by name
}

func (r *runner) problem(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// all runs the stages in their order.
func (r *runner) all(ctx, keep context.Context) error {
	brands, err := r.withReferences(ctx, r.run, r.plan.Brands, r.plan.Profile, !r.plan.Passive)
	if err != nil {
		return err
	}
	for _, b := range brands {
		r.brands[b.ID()] = b
		for _, ref := range b.References {
			if ref.Page == nil && ref.Problem != "" {
				r.problem("the reference page %s could not be fetched (%s): no page was compared with it", lurehound.Defang(ref.URL), ref.Problem)
			}
		}
	}
	for _, s := range r.plan.Sources {
		if err := r.intake(ctx, keep, s); err != nil {
			return err
		}
	}
	return r.work(ctx, keep)
}

// intake reads one source to its end. That it breaks off is part of the result.
func (r *runner) intake(ctx, keep context.Context, s Source) error {
	cursor, err := r.Store.Cursor(keep, r.run, s.Name())
	if err != nil {
		return fmt.Errorf("cursor of %s: %w", s.Name(), err)
	}
	var saving error
	err = s.Stream(ctx, cursor, func(b Batch) error {
		if saving != nil {
			return saving
		}
		if err := r.Store.SaveBatch(keep, r.run, b); err != nil {
			saving = fmt.Errorf("saving names of %s: %w", s.Name(), err)
		}
		return saving
	})
	switch {
	case saving != nil:
		return saving
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		if r.failed == nil {
			r.failed = map[string]string{}
		}
		r.failed[s.Name()] = err.Error()
	}
	return nil
}

// work observes and judges what is pending.
func (r *runner) work(ctx, keep context.Context) error {
	tally, err := r.Store.Tally(keep, r.run)
	if err != nil {
		return fmt.Errorf("counting candidates: %w", err)
	}
	r.announce(tally.Pending)
	r.Progress.Stage("looking at candidates", tally.Pending)
	jobs := make(chan lurehound.Candidate)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var failed error // the first one: of the store, or that of an ended context
	var once sync.Once
	var wg sync.WaitGroup
	for range max(r.Workers, 1) {
		wg.Go(func() {
			for c := range jobs {
				if err := r.settle(ctx, keep, c); err != nil {
					once.Do(func() { failed = err })
					cancel()
				}
				r.Progress.Advance(1)
			}
		})
	}
	if err = r.deal(ctx, keep, jobs); err != nil {
		cancel() // nobody waits for slow hosts when the store is gone
	}
	close(jobs)
	wg.Wait()
	if failed == nil || err != nil && !errors.Is(err, ctx.Err()) {
		return err
	}
	return failed
}

// deal hands out pending candidates in their order.
func (r *runner) deal(ctx, keep context.Context, jobs chan<- lurehound.Candidate) error {
	const page = 500
	for after := ""; ; {
		list, err := r.Store.Pending(keep, r.run, after, page)
		if err != nil {
			return fmt.Errorf("reading candidates: %w", err)
		}
		for _, c := range list {
			select {
			case jobs <- c:
			case <-ctx.Done():
				return ctx.Err()
			}
			after = c.ID()
		}
		if len(list) < page {
			return nil
		}
	}
}

func (r *runner) announce(pending int) {
	switch {
	case pending == 0:
	case r.plan.Passive:
		r.Progress.Say(fmt.Sprintf("passive: DNS and registration data of %s, no packet to their web servers", counted(pending, "candidate")))
	default:
		r.Progress.Say(fmt.Sprintf("visiting up to %s %s, first as %s; DNS questions leave %s and reach their name servers; --passive visits none",
			counted(pending, "host"), from(r.plan), r.plan.Profile.Name, r.plan.asks()))
	}
}

// asks says from where DNS questions leave.
func (p Plan) asks() string {
	if p.DNS == "" || p.DNS == egress.DirectName {
		return "from here"
	}
	return "by " + p.DNS
}

// from says whose address the visited hosts see.
func from(p Plan) string {
	proxies := slices.DeleteFunc(append([]string{p.Profile.Route}, p.Routes...), func(name string) bool { return name == egress.DirectName })
	slices.Sort(proxies)
	proxies = slices.Compact(proxies)
	direct := p.Profile.Route == egress.DirectName || slices.Contains(p.Routes, egress.DirectName)
	switch {
	case len(proxies) == 0:
		return "from here"
	case direct:
		return "from here and by " + strings.Join(proxies, ", ")
	}
	return "by " + strings.Join(proxies, ", ") + ", not from here"
}

// settle looks at one candidate and stores what follows. An interrupted look is
// not stored: the candidate stays pending.
func (r *runner) settle(ctx, keep context.Context, c lurehound.Candidate) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	brand := r.brands[c.Brand]
	t := Task{Domain: c.Domain, Links: c.Links, Paths: referencePaths(brand, c.Domain), Profile: r.plan.Profile, Listed: listed(c), Thorough: brand.Owns(c.Domain)}
	for _, p := range r.Probes {
		if !p.Touches || !r.plan.Passive {
			t.Probes = append(t.Probes, p.Name)
		}
	}
	obs := Observe(ctx, r.Probes, t)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s := r.conclude(c, brand, obs)
	if s.Finding != nil {
		r.picture(ctx, s.Finding)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.Observations = s.Finding.Observations
	}
	if err := r.Store.Settle(keep, r.run, s, r.Clock.Now()); err != nil {
		return fmt.Errorf("saving %s: %w", c.Domain, err)
	}
	if s.Finding != nil {
		r.Progress.Finding(*s.Finding)
	}
	return nil
}

func (r *runner) conclude(c lurehound.Candidate, brand lurehound.Brand, obs []lurehound.Observation) (s Settlement) {
	s = Settlement{Candidate: c, Observations: obs, Outcome: lurehound.Found}
	defer func() { // a page that breaks a rule costs its own verdict only
		if v := recover(); v != nil {
			s.Finding, s.Alert, s.Outcome = nil, nil, lurehound.Unknown
			s.Undecided = &lurehound.Undecided{Domain: c.Domain.String(), Outcome: lurehound.NotResolvable, Reason: fmt.Sprintf("judging failed: %.200v", v)}
		}
	}()
	open, absent := undecided(c, obs)
	switch {
	case open != nil:
		s.Undecided, s.Outcome = open, lurehound.Unknown
	case absent:
		s.Outcome = lurehound.Absent
	default:
		f := Judge(c, brand, obs, r.plan.Advisories, r.plan.KnownBad, r.Clock.Now())
		if _, err := json.Marshal(f); err != nil {
			panic(err) // what cannot be stored is no verdict
		}
		s.Finding, s.Observations = &f, f.Observations
	}
	return s
}

// listed reports whether somebody other than the generator showed the name.
func listed(c lurehound.Candidate) bool {
	for _, s := range c.Sightings {
		if s.Feed != PermutationFeed {
			return true
		}
	}
	return false
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
