package resolve

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"lurehound"
)

// inquiry is the questions about one name and what they brought so far.
type inquiry struct {
	c      *Client
	domain lurehound.Domain
	name   string // absolute, presentation form
	types  []uint16
	start  int     // place of the first server
	given  []given // tries of its questions that were made already

	reverse bool     // the addresses' names are wanted, too
	missing []string // what was asked beside the types and not answered

	facts     lurehound.DNSFacts
	asked     []uint16 // every type asked, in order
	have      []uint16 // types whose question was answered
	exists    bool
	delegated bool
	apex      bool      // the name is said to be the top of a zone
	positive  []*server // said that it exists
	hidden    []*server // hid the answer (filtered)
	absent    []answer  // NXDOMAIN and NODATA
	open      answer    // the most telling of those that decide nothing
	notes     []string
	registry  bool // the suffix's own servers were asked
	final     bool // they say that there is no such name
	invented  bool // they know nothing of what a resolver has records of
}

func (c *Client) inquire(name string, types []uint16) (*inquiry, string) {
	d, err := lurehound.ParseDomain(name)
	if err != nil {
		return nil, whyNotName
	}
	if len(types) == 0 {
		types = defaultTypes()
	}
	types, reverse := forwardTypes(types)
	return &inquiry{
		c: c, domain: d, name: presentation(d.String()), types: types, reverse: reverse,
		start: startOf(d.String()),
	}, ""
}

// presentation is the master-file form of a name whose dots all separate
// labels: everything that is not of a host name becomes \DDD (RFC 1035, 5.1).
func presentation(name string) string {
	var b strings.Builder
	for i := range len(name) {
		ch := name[i]
		switch l := ch | 0x20; {
		case 'a' <= l && l <= 'z', '0' <= ch && ch <= '9', ch == '-', ch == '.', ch == '_':
			b.WriteByte(ch)
		default:
			fmt.Fprintf(&b, `\%03d`, ch)
		}
	}
	b.WriteByte('.')
	return b.String()
}

// run asks until the outcome is certain, or certainly out of reach.
func (q *inquiry) run(ctx context.Context) lurehound.DNSFacts {
	for _, t := range q.types {
		a := q.put(ctx, t, q.c.inOrder(q.start+len(q.asked)))
		if !q.exists && (a.kind == kindNX || gaveUp(a)) {
			break
		}
	}
	if !q.exists && q.apex && !slices.Contains(q.asked, dns.TypeNS) {
		q.put(ctx, dns.TypeNS, q.c.inOrder(q.start))
	}
	if q.doubtful() && q.c.operators == 1 {
		q.askRegistry(ctx) // its word is worth more than the same resolver's second one
	}
	if !q.exists && len(q.absent) > 0 && !q.final {
		q.confirm(ctx)
	}
	if q.doubtful() && !q.final {
		q.askRegistry(ctx)
	}
	switch {
	case q.invented:
		q.concludeInvented()
	case q.exists:
		q.complete(ctx)
		q.conclude(ctx)
	case len(q.absent) > 0:
		q.concludeAbsent(ctx)
	default:
		q.concludeOpen()
	}
	return q.finished()
}

// gaveUp reports that no server said anything, so that further questions would
// only wait again.
func gaveUp(a answer) bool {
	switch a.why {
	case whyTimeout, whyUnreachable, whyNoResolver, whyCancelled:
		return a.kind == kindFailed
	}
	return a.kind == kindFailed && isBlocked(a.why)
}

// put asks one question and notes what came.
func (q *inquiry) put(ctx context.Context, t uint16, order []*server) answer {
	var first *given
	for i := range q.given {
		if g := &q.given[i]; g.qtype == t && !slices.Contains(q.asked, t) {
			first = g
		}
	}
	a := q.c.askOn(ctx, first, q.name, t, order)
	q.weigh(ctx, t, a)
	return a
}

// weigh notes what an answer says.
func (q *inquiry) weigh(ctx context.Context, t uint16, a answer) {
	if !slices.Contains(q.asked, t) {
		q.asked = append(q.asked, t)
	}
	if a.overruled {
		q.note(whyDisagree)
	}
	switch a.kind {
	case kindPositive:
		if !q.exists && q.denied() {
			q.note(whyDisagree)
		}
		q.exists = true
		q.positive = append(q.positive, a.server)
		q.take(ctx, t, a)
	case kindNX:
		q.absent = append(q.absent, a)
		if q.exists {
			q.note(whyDisagree)
		}
	case kindNoData:
		q.absent = append(q.absent, a)
		q.have = append(q.have, t)
	case kindApex:
		q.apex = true
		q.have = append(q.have, t)
	default:
		if a.kind == kindFiltered {
			q.hidden = append(q.hidden, a.server)
		}
		if a.kind > q.open.kind || q.open.why == "" {
			q.open = a
		}
	}
}

func (q *inquiry) note(s string) {
	if s != "" && !slices.Contains(q.notes, s) {
		q.notes = append(q.notes, s)
	}
}

// take moves records into the facts, and goes after a chain of CNAMEs that the
// server did not follow to its end.
func (q *inquiry) take(ctx context.Context, t uint16, a answer) {
	if a.open && len(a.chain) > 0 && t != dns.TypeNS {
		a = q.c.chase(ctx, t, a)
	}
	if !a.open && !a.cut {
		q.have = append(q.have, t)
	}
	for _, n := range []struct {
		is  bool
		why string
	}{{a.loop, "cname-loop"}, {a.dangling, "dangling-cname"}, {a.capped, "capped"}, {a.cut, whyTruncated}} {
		if n.is {
			q.note(n.why)
		}
	}
	if len(a.chain) > len(q.facts.CNAME) {
		q.facts.CNAME = a.chain
	}
	switch t {
	case dns.TypeA:
		q.facts.A = a.addrs
	case dns.TypeAAAA:
		q.facts.AAAA = a.addrs
	case dns.TypeNS:
		q.facts.NS = a.names
		q.delegated = len(a.names) > 0
	case dns.TypeMX:
		q.facts.MX = a.names
	case dns.TypeTXT:
		q.facts.TXT = a.texts
	case dns.TypeCAA:
		q.facts.CAA = a.texts
	}
}

// chase follows a chain from where an answer left it, to at most maxLinks in all.
func (c *Client) chase(ctx context.Context, t uint16, a answer) answer {
	for a.open {
		end := a.chain[len(a.chain)-1]
		b := c.ask(ctx, end+".", t, c.inOrder(a.server.index))
		switch b.kind {
		case kindPositive:
			a.addrs, a.names, a.texts = b.addrs, b.names, b.texts
			a.open, a.dangling, a.loop, a.capped = b.open, b.dangling, b.loop, b.capped
			for _, link := range b.chain {
				a.loop = a.loop || slices.Contains(a.chain, link)
				if a.loop || len(a.chain) == maxLinks {
					a.capped = a.capped || !a.loop
					a.addrs, a.names, a.texts, a.open = nil, nil, nil, false
					return a
				}
				a.chain = append(a.chain, link)
			}
			if a.open && len(b.chain) == 0 {
				return a
			}
		case kindNX:
			a.open, a.dangling = false, true
		case kindNoData, kindApex:
			a.open = false
		default:
			return a
		}
	}
	return a
}

// confirm looks for a second word on a name that one answer calls absent: from
// another operator if there is one, over a fresh socket in any case, and about
// another type, since some servers deny names that have other records only.
func (q *inquiry) confirm(ctx context.Context) {
	for !q.exists {
		t, ok := q.nextDoubt()
		if !ok {
			return
		}
		var used []*server
		for _, a := range q.absent {
			used = append(used, a.server)
		}
		before := len(q.absent)
		order := q.c.others(q.start, used)
		others := slices.DeleteFunc(slices.Clone(order), func(s *server) bool { return slices.Contains(used, s) })
		if far := strangers(order, used); !q.second(ctx, t, far) && (len(others) == len(far) || !q.second(ctx, t, others)) {
			q.put(ctx, t, order)
		}
		if !q.exists && len(q.absent) == before {
			return
		}
	}
}

// second asks servers that have not denied the name yet, and them alone, for as
// long as a question may take: a packet lost on the way to them must not leave
// the second word to who had the first. It reports whether one of them settled the question.
func (q *inquiry) second(ctx context.Context, t uint16, servers []*server) bool {
	if len(servers) == 0 {
		return false
	}
	a := q.c.ask(ctx, q.name, t, servers)
	if a.kind < kindApex {
		return false
	}
	q.weigh(ctx, t, a)
	return true
}

// strangers are the servers of other operators than those of used.
func strangers(servers, used []*server) []*server {
	return slices.DeleteFunc(slices.Clone(servers), func(s *server) bool {
		return slices.ContainsFunc(used, func(u *server) bool { return u.operator == s.operator })
	})
}

// nextDoubt is the next type to ask before the name counts as absent. NXDOMAIN
// is about all types, so that two words are enough; NODATA is not.
func (q *inquiry) nextDoubt() (uint16, bool) {
	doubts := []uint16{dns.TypeA, dns.TypeNS}
	onlyNX := !slices.ContainsFunc(q.absent, func(a answer) bool { return a.kind != kindNX })
	if !onlyNX {
		doubts = []uint16{dns.TypeNS, dns.TypeA, dns.TypeAAAA, dns.TypeMX}
	}
	if onlyNX && len(q.absent) >= 2 {
		return 0, false
	}
	for _, t := range doubts {
		if !slices.Contains(q.asked, t) {
			return t, true
		}
	}
	return dns.TypeA, len(q.absent) < 2
}

// concludeAbsent decides whether the answers so far prove absence.
func (q *inquiry) concludeAbsent(ctx context.Context) {
	if q.final {
		q.facts.Resolution = lurehound.NXDomain
		return
	}
	if q.apex {
		q.unknown(whyLame)
		return
	}
	if q.open.why != "" && !q.proven() {
		q.concludeOpen()
		return
	}
	q.facts.Resolution = lurehound.NXDomain
	for _, a := range q.absent {
		if a.kind == kindNoData {
			q.facts.Resolution = lurehound.NoData
		}
	}
	if q.proven() {
		return
	}
	if len(q.absent) < 2 {
		q.unknown(whyUnconfirmed)
		return
	}
	for _, a := range q.absent {
		if !q.c.vetted(ctx, a.server).clean() {
			q.unknown(whyUnconfirmed)
			return
		}
	}
	q.notes = append([]string{whySingle}, q.notes...)
}

// proven reports that an authoritative server of the parent said so, or
// resolvers of two operators did.
func (q *inquiry) proven() bool {
	for _, a := range q.absent {
		if a.aa || a.server.operator != q.absent[0].server.operator {
			return true
		}
	}
	return false
}

// concludeOpen names the outcome when nothing was decided.
func (q *inquiry) concludeOpen() {
	switch q.open.kind {
	case kindFiltered:
		q.facts.Resolution = lurehound.Filtered
		q.note(q.open.why)
	case kindHijacked:
		q.facts.Resolution = lurehound.Hijacked
		q.note(q.open.why)
	default:
		why := q.open.why
		if q.apex || why == "" {
			why = whyLame
		}
		q.unknown(why)
	}
}

func (q *inquiry) unknown(why string) {
	q.facts.Resolution = lurehound.NotResolvable
	q.notes = append([]string{why}, slices.DeleteFunc(q.notes, func(s string) bool { return s == why })...)
}

// complete asks, once it is known that the name exists, for the types that
// were left out or denied.
func (q *inquiry) complete(ctx context.Context) {
	says := q.positive[0]
	denied := q.denied()
	for _, t := range q.types {
		if slices.Contains(q.have, t) || slices.Contains(q.asked, t) && !denied {
			continue
		}
		a := q.c.ask(ctx, q.name, t, q.c.inOrder(says.index))
		if a.kind == kindPositive {
			q.take(ctx, t, a)
		} else if a.kind == kindNoData || a.kind == kindApex {
			q.have = append(q.have, t)
		}
	}
}

// conclude decides what is said of a name that some server has records of.
func (q *inquiry) conclude(ctx context.Context) {
	q.facts.Resolution = lurehound.Exists
	if q.open.kind == kindFiltered && len(q.facts.A)+len(q.facts.AAAA) == 0 {
		free := slices.ContainsFunc(q.positive, func(s *server) bool { return !slices.Contains(q.hidden, s) })
		if !free {
			q.facts.Resolution = lurehound.Filtered
		}
		q.note(q.open.why)
	}
	if q.open.kind == kindHijacked {
		q.note(q.open.why)
	}
	q.checkWildcard(ctx)
	if q.facts.Resolution == lurehound.Exists {
		q.askMail(ctx)
		q.askReverse(ctx)
	}
}

// finished puts the notes and the unanswered types into the facts.
func (q *inquiry) finished() lurehound.DNSFacts {
	q.facts.Reason = strings.Join(q.notes, ",")
	if r := q.facts.Resolution; r == lurehound.NXDomain || r == lurehound.NoData {
		return q.facts
	}
	for _, t := range q.types {
		if !slices.Contains(q.have, t) {
			q.facts.Missing = append(q.facts.Missing, dns.TypeToString[t])
		}
	}
	q.facts.Missing = append(q.facts.Missing, q.missing...)
	q.facts.Hints = hints(&q.facts)
	return q.facts
}
