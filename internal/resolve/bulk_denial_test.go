package resolve

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"lurehound"
)

// heard is a network that notes by which socket, and for which type, each name
// is asked.
type heard struct {
	rig
	mu    sync.Mutex
	conns int
	types map[string][]uint16
	by    map[string][]int
}

func (h *heard) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := h.rig.DialNamed(ctx, network, address)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conns++
	return &heardConn{c, h, h.conns}, err
}

type heardConn struct {
	net.Conn
	h  *heard
	id int
}

func (c *heardConn) Write(p []byte) (int, error) {
	q := new(dns.Msg)
	if q.Unpack(p) == nil && len(q.Question) == 1 {
		name := strings.ToLower(q.Question[0].Name)
		c.h.mu.Lock()
		c.h.types[name] = append(c.h.types[name], q.Question[0].Qtype)
		c.h.by[name] = append(c.h.by[name], c.id)
		c.h.mu.Unlock()
	}
	return c.Conn.Write(p)
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
// of random names are enough, about two types and over two sockets, and no third question is asked.
func TestSingleResolverSaysItTwice(t *testing.T) {
	t.Parallel()
	w, names := half(t, 400)
	for _, first := range []uint16{dns.TypeA, dns.TypeNS, dns.TypeMX} {
		net := &heard{rig: rig{s1: w.honest(t)}, types: map[string][]uint16{}, by: map[string][]int{}}
		c := client(t, net.rig, s1)
		c.dialer = net
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
			types, by := net.types[names[i]+"."], net.by[names[i]+"."]
			if len(types) != 2 || types[0] != first || types[1] == first || by[0] == by[1] {
				t.Errorf("%s was asked for %v, by the sockets %v", names[i], types, by)
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
	var names []string
	for i := range registryFirst + 10 {
		names = append(names, fmt.Sprintf("absent%d.com", i))
	}
	if f := lookUpAll(t, c, append(names, "evil.com"))[len(names)]; f.Resolution != lurehound.Exists {
		t.Errorf("the name that it lies about is %s (%s)", f.Resolution, f.Reason)
	}
}

// TestFirstOfAListAreAskedTheirRegistry: of one that has hidden nothing yet, the
// likeliest names are put to the suffix's own servers, too.
func TestFirstOfAListAreAskedTheirRegistry(t *testing.T) {
	t.Parallel()
	w := withRegistry(t)
	com := w.authority(t, "com.")
	c := registryClient(t, rig{s1: w.but(t, "evil.com.", func(_ string, m *dns.Msg) *dns.Msg {
		m.Rcode, m.Answer, m.Ns = dns.RcodeNameError, nil, []dns.RR{soa("com.")}
		return m
	}), reg1: com, reg2: com}, s1)
	names := []string{"evil.com"}
	for i := range registryFirst {
		names = append(names, fmt.Sprintf("absent%d.com", i))
	}
	all := lookUpAll(t, c, names)
	if f := all[0]; f.Resolution != lurehound.Exists {
		t.Errorf("the name that it lies about is %s (%s)", f.Resolution, f.Reason)
	}
	for i, f := range all[1:] { // the last one is believed, unless it comes out before that the resolver hides a name
		if late := i+1 >= registryFirst; f.Resolution != lurehound.NXDomain || f.Reason != "" && !(late && f.Reason == whySingle) {
			t.Errorf("%s is called %s (%s)", names[i+1], f.Resolution, f.Reason)
		}
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
