package cloak

import "lurehound/internal/egress"

// Space is what profiles are made of, the likeliest victim first.
type Space struct {
	Routes    []egress.Route
	Browsers  []string
	Languages []string
	Arrivals  []egress.Arrival

	Budget   int  // visits in all
	Few      bool // a site that shows the same page to some likely victims is not looked at further
	Thorough bool // pairs of parts are tried also where all that was tried is shown the same page
}

// DefaultBudget is how many visits a site is looked at with: enough for every part by itself, twice for
// a site that sorts its visitors, and for most pairs of parts.
const DefaultBudget = 40

// DefaultSpace needs no configuration: what a victim of software lures comes as, and what a scanner looks like.
func DefaultSpace(routes []egress.Route) Space {
	return Space{
		Routes: routes, Browsers: []string{"chrome-windows", "safari-iphone", "firefox-windows", "safari-mac", "curl"},
		Languages: []string{"en-US", "de-DE"}, Arrivals: egress.Arrivals(), Budget: DefaultBudget,
	}
}

// point is a profile by the places of its parts in the space.
type point struct{ route, arrival, browser, language int }

func (s Space) profile(p point) egress.Profile {
	out, err := egress.NewProfile(s.Routes[p.route], s.Browsers[p.browser], s.Languages[p.language], s.Arrivals[p.arrival])
	if err != nil {
		panic(err) // Check has been called
	}
	return out
}

// likely are victims who differ from the first in what lures decide by most: country, the click of an
// advertisement, device.
func (s Space) likely() (list []point) {
	for i := 1; i < len(s.Routes); i++ {
		list = append(list, point{route: i})
	}
	if len(s.Arrivals) > 1 {
		list = append(list, point{arrival: 1})
	}
	if len(s.Browsers) > 1 {
		list = append(list, point{browser: 1})
	}
	return list
}

// Base is the profile that comes first.
func (s Space) Base() egress.Profile { return s.profile(point{}) }

// Check reports what the space holds that no profile can be made of.
func (s Space) Check() error {
	for _, r := range s.Routes {
		for _, b := range s.Browsers {
			for _, l := range s.Languages {
				for _, a := range s.Arrivals {
					if _, err := egress.NewProfile(r, b, l, a); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// around are the points that differ from p in one part.
func (s Space) around(p point) (list []point) {
	add := func(n, own int, set func(*point, int)) {
		for i := range n {
			if i != own {
				q := p
				set(&q, i)
				list = append(list, q)
			}
		}
	}
	add(len(s.Arrivals), p.arrival, func(q *point, i int) { q.arrival = i })
	add(len(s.Routes), p.route, func(q *point, i int) { q.route = i })
	add(len(s.Browsers), p.browser, func(q *point, i int) { q.browser = i })
	add(len(s.Languages), p.language, func(q *point, i int) { q.language = i })
	return list
}

// Next are the profiles to look as next, in this order; none when everything is known that
// the space and its budget can tell. Cheap questions come first: one part of the profile is
// varied at a time, pairs only where nothing was served, repetition only where something differs.
func (s Space) Next(looks []Look, link string) []egress.Profile {
	if len(s.Routes) == 0 || len(s.Browsers) == 0 || len(s.Languages) == 0 || len(s.Arrivals) == 0 {
		return nil
	}
	next := s.wanted(looks, link)
	if left := s.Budget - len(looks); len(next) > left {
		next = next[:max(left, 0)]
	}
	return next
}

func (s Space) wanted(looks []Look, link string) []egress.Profile {
	times := map[string]int{}
	for i := range looks {
		times[looks[i].Profile.Name]++
	}
	base := s.profile(point{})
	if len(looks) == 0 {
		return []egress.Profile{base}
	}
	if s.Few {
		if list := s.unseen(s.likely(), times); len(list) > 0 {
			return list
		}
	} else if list := s.unseen(s.around(point{}), times); len(list) > 0 {
		return append(list, base) // again, to see whether it changes by itself
	}
	if again := silent(looks, times); len(again) > 0 {
		return again
	}
	home := site(link)
	list, of := faces(looks)
	switch {
	case len(list) == 0:
		return nil
	case len(list) == 1:
		first := &looks[list[0].first]
		if f := fullness(first, home); !s.Thorough && (f >= 4 || s.Few && (f != 1 || hidden(first))) {
			return nil
		}
		if list := s.unseen(s.around(point{}), times); len(list) > 0 {
			return list
		}
		return s.pair(looks)
	}
	// First what makes sure that it is no chance, then what else decides.
	open := ranked(looks, list, home)[0]
	o := looks[open.first].Profile
	if again := s.repeat(looks, of, of[open.first], o, times); len(again) > 0 {
		return again
	}
	if list := s.unseen(s.around(point{}), times); len(list) > 0 {
		return list
	}
	if p, ok := s.find(o); ok {
		return s.unseen(s.around(p), times)
	}
	return nil
}

// silent are the profiles of which a single answer did not come: it may have been lost on the way.
func silent(looks []Look, times map[string]int) (again []egress.Profile) {
	for i := range looks {
		if l := &looks[i]; !l.answered() && !l.blind() && times[l.Profile.Name] == 1 {
			again = append(again, l.Profile)
		}
	}
	return again
}

// unseen are the profiles of points that nobody has looked as.
func (s Space) unseen(points []point, times map[string]int) (list []egress.Profile) {
	for _, q := range points {
		if p := s.profile(q); times[p.Name] == 0 {
			list = append(list, p)
		}
	}
	return list
}

// Named is the visitor of that name; false when none is called so here.
func (s Space) Named(name string) (egress.Profile, bool) {
	p, ok := s.find(egress.Profile{Name: name})
	if !ok {
		return egress.Profile{}, false
	}
	return s.profile(p), true
}

// find is the point of a profile.
func (s Space) find(o egress.Profile) (point, bool) {
	for r := range s.Routes {
		for a := range s.Arrivals {
			for b := range s.Browsers {
				for l := range s.Languages {
					if p := (point{r, a, b, l}); s.profile(p).Name == o.Name {
						return p, true
					}
				}
			}
		}
	}
	return point{}, false
}

// enough is how often the open profile and the closed one next to it are looked as, in turn.
const enough = 3

// repeat looks again as the open profile, and as the closed one that differs least from it.
func (s Space) repeat(looks []Look, of []int, open int, o egress.Profile, times map[string]int) []egress.Profile {
	closed := -1
	for i := range looks {
		if of[i] >= 0 && of[i] != open && looks[i].Profile.Name != o.Name &&
			(closed < 0 || len(differ(looks[i].Profile, o)) < len(differ(looks[closed].Profile, o))) {
			closed = i
		}
	}
	var list []egress.Profile
	for n := range enough {
		if times[o.Name] <= n {
			list = append(list, o)
		}
		if closed >= 0 && times[looks[closed].Profile.Name] <= n {
			list = append(list, looks[closed].Profile)
		}
	}
	return list
}

// pair is the profile with most pairs of parts that nobody has looked as.
func (s Space) pair(looks []Look) []egress.Profile {
	type half struct{ part, value int }
	parts := func(p point) [4]half { return [4]half{{0, p.route}, {1, p.arrival}, {2, p.browser}, {3, p.language}} }
	seen := map[[2]half]bool{}
	each := func(p point, f func([2]half)) {
		h := parts(p)
		for i := range h {
			for j := i + 1; j < len(h); j++ {
				f([2]half{h[i], h[j]})
			}
		}
	}
	for i := range looks {
		if p, ok := s.find(looks[i].Profile); ok {
			each(p, func(k [2]half) { seen[k] = true })
		}
	}
	best, most := point{}, 0
	for r := range s.Routes {
		for a := range s.Arrivals {
			for b := range s.Browsers {
				for l := range s.Languages {
					p, n := point{r, a, b, l}, 0
					each(p, func(k [2]half) {
						if !seen[k] {
							n++
						}
					})
					if n > most {
						best, most = p, n
					}
				}
			}
		}
	}
	if most == 0 {
		return nil
	}
	return []egress.Profile{s.profile(best)}
}
