package resolve

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// heard counts the questions about each name by type.
type heard struct {
	mu sync.Mutex
	of map[string][]uint16
}

func (a *heard) spy(t testing.TB, b behaviour) behaviour {
	return func(network string, query []byte, send func([]byte)) {
		q := new(dns.Msg)
		if err := q.Unpack(query); err != nil {
			t.Error(err)
			return
		}
		a.mu.Lock()
		name := strings.ToLower(q.Question[0].Name)
		a.of[name] = append(a.of[name], q.Question[0].Qtype)
		a.mu.Unlock()
		b(network, query, send)
	}
}

// lying says of every name that nobody registered it, as the parent would.
func lying(t testing.TB) behaviour {
	return says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := new(dns.Msg).SetRcode(q, dns.RcodeNameError)
		m.RecursionAvailable = true
		name := q.Question[0].Name
		m.Ns = []dns.RR{soa(name[strings.IndexByte(name, '.')+1:])}
		return m
	})
}

func lookUpAll(t testing.TB, c *Client, names []string, types ...uint16) []lurehound.DNSFacts {
	t.Helper()
	var out []lurehound.DNSFacts
	err := c.LookupAll(t.Context(), slices.Values(names), types, 0, func(_ int, _ string, f lurehound.DNSFacts) bool {
		out = append(out, f)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSingleResolverSaysItTwice: two denials of a resolver that passes the test
// of random names are enough, about two types, and no third question is asked.
func TestSingleResolverSaysItTwice(t *testing.T) {
	t.Parallel()
	w, names := half(t, 400)
	for _, first := range []uint16{dns.TypeA, dns.TypeNS, dns.TypeMX} {
		spy := &heard{of: map[string][]uint16{}}
		c := client(t, rig{s1: spy.spy(t, w.honest(t))}, s1)
		for i, f := range lookUpAll(t, c, names, first) {
			if i%2 == 0 {
				if f.Resolution != lurehound.Exists && first != dns.TypeMX {
					t.Errorf("%s is called %s (%s)", names[i], f.Resolution, f.Reason)
				}
				continue
			}
			if f.Resolution != lurehound.NXDomain || f.Reason != whySingle {
				t.Errorf("%s is called %s (%s)", names[i], f.Resolution, f.Reason)
			}
			types := spy.of[names[i]+"."]
			if len(types) != 2 || types[0] != first || types[1] == first {
				t.Errorf("%s was asked for %v", names[i], types)
			}
		}
	}
}

// TestTwoOperatorsAreAsked: the word of one operator makes no name absent while
// another one knows it, whichever is asked first.
func TestTwoOperatorsAreAsked(t *testing.T) {
	t.Parallel()
	w, names := half(t, 400)
	c := client(t, rig{s1: w.honest(t), s2: lying(t)}, s1, s2)
	for i, f := range lookUpAll(t, c, names) {
		want := []lurehound.Resolution{lurehound.Exists, lurehound.NXDomain}[i%2]
		if f.Resolution != want || want == lurehound.NXDomain && f.Reason != "" {
			t.Errorf("%s is called %s (%s)", names[i], f.Resolution, f.Reason)
		}
	}
}

// TestWhoHidesIsNotBelieved: once a resolver has hidden a name, its denials are
// put to the suffix's own servers.
func TestWhoHidesIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := withRegistry(t)
	liar := w.but(t, "evil.com.", func(_ string, m *dns.Msg) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa("com.")}
		return m
	})
	hides := func(network string, query []byte, send func([]byte)) {
		q := new(dns.Msg)
		if err := q.Unpack(query); err == nil && strings.EqualFold(q.Question[0].Name, "hidden.com.") {
			says(t, func(_ string, q *dns.Msg) *dns.Msg { return new(dns.Msg).SetRcode(q, dns.RcodeNameError) })(network, query, send)
			return
		}
		liar(network, query, send)
	}
	com := w.authority(t, "com.")
	c := registryClient(t, rig{s1: hides, reg1: com, reg2: com}, s1)
	c.Lookup(t.Context(), "hidden.com")
	if f := lookUpAll(t, c, []string{"evil.com"})[0]; f.Resolution != lurehound.Exists {
		t.Errorf("the name that it lies about is %s (%s)", f.Resolution, f.Reason)
	}
}

// TestInventorIsNotBelieved: names wait until the resolver has been vetted, and
// who fails is not believed when it denies.
func TestInventorIsNotBelieved(t *testing.T) {
	t.Parallel()
	w, names := half(t, 100)
	inventor := says(t, func(_ string, q *dns.Msg) *dns.Msg {
		m := w.answer(q)
		if name := q.Question[0].Name; name[0]|0x20 != 'x' && m.Rcode == dns.RcodeNameError && q.Question[0].Qtype == dns.TypeA {
			m.Rcode, m.Ns, m.Answer = 0, nil, []dns.RR{address(name, "198.18.4.4")}
		}
		return m
	})
	for i, f := range lookUpAll(t, client(t, rig{s1: later(5*time.Millisecond, inventor)}, s1), names) {
		if i%2 == 1 && f.Resolution.Outcome() == lurehound.Absent {
			t.Errorf("%s is called %s (%s)", names[i], f.Resolution, f.Reason)
		}
	}
}
