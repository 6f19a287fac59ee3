package lab

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func TestAuthoritative(t *testing.T) {
	l := openLab(t)
	const root, tldNS, quiet = "192.0.2.201:53", "192.0.2.211:53", "203.0.113.21:53"
	for _, tt := range []struct {
		server, name string
		typ          uint16
		rcode        int
		aa           bool
		answer, auth []string
		glue         int
	}{
		{root, "mlcrodicom.info.", dns.TypeA, 0, false, nil, []string{"info. NS a.tld-servers.example.", "info. NS b.tld-servers.example."}, 2},
		{root, "x.no-such-tld.", dns.TypeA, 3, true, nil, []string{". SOA"}, 0},
		{tldNS, "www.mlcrodicom.info.", dns.TypeA, 0, false, nil, []string{"mlcrodicom.info. NS ns1.quiet-harbour.example.", "mlcrodicom.info. NS ns2.quiet-harbour.example."}, 2},
		{tldNS, "nobody-has-this.info.", dns.TypeA, 3, true, nil, []string{"info. SOA"}, 0},
		{tldNS, "microdicom-download.com.", dns.TypeNS, 3, true, nil, []string{"com. SOA"}, 0},
		{tldNS, "microdicorn.com.", dns.TypeNS, 0, false, nil, []string{"microdicorn.com. NS ns1.quiet-harbour.example.", "microdicorn.com. NS ns2.quiet-harbour.example."}, 2},
		{tldNS, "anything.ws.", dns.TypeA, 0, true, []string{"anything.ws. A 198.51.100.190"}, nil, 0},
		{tldNS, "com.", dns.TypeSOA, 0, true, []string{"com. SOA"}, nil, 0},
		{quiet, "mlcrodicom.info.", dns.TypeA, 0, true, []string{"mlcrodicom.info. A 203.0.113.66"}, nil, 0},
		{quiet, "mlcrodicom.info.", dns.TypeSOA, 0, true, []string{"mlcrodicom.info. SOA"}, nil, 0},
		{quiet, "www.mlcrodicom.info.", dns.TypeA, 0, true, []string{"www.mlcrodicom.info. CNAME mlcrodicom.info.", "mlcrodicom.info. A 203.0.113.66"}, nil, 0},
		{quiet, "no.mlcrodicom.info.", dns.TypeA, 3, true, nil, []string{"mlcrodicom.info. SOA"}, 0},
		{quiet, "microdicorn.com.", dns.TypeA, 2, false, nil, nil, 0},
		{quiet, "microdico.com.", dns.TypeA, 5, false, nil, nil, 0},
		{quiet, "nobody-has-this.info.", dns.TypeA, 5, false, nil, nil, 0},
	} {
		r := ask(t, l, "udp", tt.server, tt.name, tt.typ, true)
		if r.Rcode != tt.rcode || r.Authoritative != tt.aa || r.RecursionAvailable {
			t.Errorf("%s at %s: rcode %d, AA %v, RA %v", tt.name, tt.server, r.Rcode, r.Authoritative, r.RecursionAvailable)
		}
		if d := cmp.Diff(tt.answer, lines(r.Answer)); d != "" {
			t.Errorf("%s at %s: answer (-want +got)\n%s", tt.name, tt.server, d)
		}
		if d := cmp.Diff(tt.auth, lines(r.Ns)); d != "" {
			t.Errorf("%s at %s: authority (-want +got)\n%s", tt.name, tt.server, d)
		}
		if got := len(r.Extra) - 1; got != tt.glue { // OPT is the one
			t.Errorf("%s at %s: %d addresses of name servers, want %d", tt.name, tt.server, got, tt.glue)
		}
	}
}

func TestTruncation(t *testing.T) {
	l := openLab(t)
	server := l.Resolvers()[0].String()
	for _, edns := range []bool{false, true} {
		r := ask(t, l, "udp", server, "microdicom.com.", dns.TypeTXT, edns)
		if !r.Truncated || len(r.Answer) != 0 || (r.IsEdns0() != nil) != edns {
			t.Errorf("EDNS %v: TC %v, %d answers", edns, r.Truncated, len(r.Answer))
		}
	}
	r := ask(t, l, "tcp", server, "microdicom.com.", dns.TypeTXT, true)
	if r.Truncated || len(r.Answer) != 7 {
		t.Errorf("by TCP: TC %v, %d answers", r.Truncated, len(r.Answer))
	}
}

// Several queries travel on one TCP connection, one after the other.
func TestPipelining(t *testing.T) {
	l := openLab(t)
	conn := &dns.Conn{Conn: dialLab(t, l, "tcp", l.Resolvers()[1].String())}
	defer conn.Close()
	for id := range uint16(20) {
		m := new(dns.Msg)
		m.SetQuestion("microdico.com.", dns.TypeA)
		m.Id = id
		if err := conn.WriteMsg(m); err != nil {
			t.Fatal(err)
		}
	}
	for id := range uint16(20) {
		r, err := conn.ReadMsg()
		if err != nil || r.Id != id {
			t.Fatalf("answer %d: %v, %v", id, r, err)
		}
	}
}

// troubled is the bundled scenario with one name made slow and another lossy.
func troubled(t *testing.T) *Lab {
	t.Helper()
	files := fstest.MapFS{}
	copyScenario(t, files)
	files[namesFile].Data = append(files[namesFile].Data, []byte(`
[[name]]
domain = "slow-pond.com"
what = "answers late"
registrar = "northgate"
registered = 2020-01-01T00:00:00Z
operator = "plain"
latency = "30ms"
a = ["198.51.100.151"]
[[name]]
domain = "lossy-pond.com"
what = "answers some"
registrar = "northgate"
registered = 2020-01-01T00:00:00Z
operator = "plain"
loss = 0.3
a = ["198.51.100.152"]
`)...)
	l, err := OpenFS(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // never fails
	return l
}

func TestLatency(t *testing.T) {
	l := troubled(t)
	for _, network := range []string{"udp", "tcp"} {
		start := time.Now()
		r := ask(t, l, network, l.Resolvers()[0].String(), "slow-pond.com.", dns.TypeA, false)
		if took := time.Since(start); len(r.Answer) != 1 || took < 30*time.Millisecond {
			t.Errorf("%s: %d answers after %v", network, len(r.Answer), took)
		}
	}
}

// A laboratory that is closed does not wait for answers under way.
func TestCloseDoesNotWaitForLatency(t *testing.T) {
	l := troubled(t)
	c := dialLab(t, l, "udp", l.Resolvers()[0].String())
	m := new(dns.Msg)
	m.SetQuestion("slow-pond.com.", dns.TypeA)
	b, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond)) // never fails here
	if n, err := c.Read(make([]byte, 512)); err == nil {
		t.Errorf("%d octets came after the end", n)
	}
}

// Which queries are lost is the same in each run, and about as many as told.
func TestLoss(t *testing.T) {
	const queries = 1000
	var first []bool
	for range 2 {
		l := troubled(t)
		c := dialLab(t, l, "udp", l.Resolvers()[0].String())
		m := new(dns.Msg)
		m.SetQuestion("lossy-pond.com.", dns.TypeA)
		b, err := m.Pack()
		if err != nil {
			t.Fatal(err)
		}
		var lost []bool
		missing := 0
		for range queries {
			if _, err := c.Write(b); err != nil {
				t.Fatal(err)
			}
			d := c.(*datagram)
			d.mu.Lock()
			gone := len(d.queue) == 0
			d.queue = nil
			d.mu.Unlock()
			lost = append(lost, gone)
			if gone {
				missing++
			}
		}
		if missing < 250 || missing > 350 {
			t.Errorf("%d of %d lost, want about 300", missing, queries)
		}
		if first == nil {
			first = lost
		}
		if d := cmp.Diff(first, lost); d != "" {
			t.Errorf("another run loses others\n%s", d)
		}
	}
}
