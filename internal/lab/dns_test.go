package lab

import (
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/miekg/dns"
)

func openLab(t testing.TB) *Lab {
	t.Helper()
	l, err := Open("microdicom")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func dialLab(t testing.TB, l *Lab, network, address string) net.Conn {
	t.Helper()
	c, err := l.Dial(t.Context(), network, address)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

// ask sends one query with a real client over one of the lab's connections.
func ask(t testing.TB, l *Lab, network, server, name string, typ uint16, edns bool) *dns.Msg {
	t.Helper()
	conn := &dns.Conn{Conn: dialLab(t, l, network, server)}
	defer conn.Close()
	m := new(dns.Msg)
	m.SetQuestion(name, typ)
	if edns {
		m.SetEdns0(1232, false)
		conn.UDPSize = 1232
	}
	if err := conn.WriteMsg(m); err != nil {
		t.Fatal(err)
	}
	r, err := conn.ReadMsg()
	if err != nil {
		t.Fatalf("%s %s at %s: %v", name, dns.TypeToString[typ], server, err)
	}
	if r.Id != m.Id {
		t.Fatalf("ID %d, asked with %d", r.Id, m.Id)
	}
	return r
}

func lines(rrs []dns.RR) []string {
	var ls []string
	for _, rr := range rrs {
		if rr.Header().Rrtype == dns.TypeSOA {
			ls = append(ls, rr.Header().Name+" SOA")
			continue
		}
		c := dns.Copy(rr)
		ls = append(ls, c.Header().Name+" "+dns.TypeToString[c.Header().Rrtype]+" "+dns.Field(c, 1)+field(c, 2))
	}
	return ls
}

func field(rr dns.RR, i int) string {
	if rr.Header().Rrtype != dns.TypeMX {
		return ""
	}
	return " " + dns.Field(rr, i)
}

func TestRecursive(t *testing.T) {
	l := openLab(t)
	for _, tt := range []struct {
		name  string
		typ   uint16
		rcode int
		want  []string
		soa   []string
	}{
		{"mlcrodicom.info.", dns.TypeA, 0, []string{"mlcrodicom.info. A 203.0.113.66"}, nil},
		{"MlcRodicom.Info.", dns.TypeA, 0, []string{"MlcRodicom.Info. A 203.0.113.66"}, nil},
		{"mlcrodicom.info.", dns.TypeNS, 0, []string{"mlcrodicom.info. NS ns1.quiet-harbour.example.", "mlcrodicom.info. NS ns2.quiet-harbour.example."}, nil},
		{"mlcrodicom.info.", dns.TypeMX, 0, []string{"mlcrodicom.info. MX 10 mail.quiet-harbour.example."}, nil},
		{"mlcrodicom.info.", dns.TypeAAAA, 0, nil, []string{"mlcrodicom.info. SOA"}},
		{"www.mlcrodicom.info.", dns.TypeA, 0, []string{"www.mlcrodicom.info. CNAME mlcrodicom.info.", "mlcrodicom.info. A 203.0.113.66"}, nil},
		{"no.mlcrodicom.info.", dns.TypeA, dns.RcodeNameError, nil, []string{"mlcrodicom.info. SOA"}},
		{"microdicom.com.", dns.TypeAAAA, 0, []string{"microdicom.com. AAAA 2001:db8:10::20"}, nil},
		{"micro-dicom.me.", dns.TypeA, 0, nil, []string{"micro-dicom.me. SOA"}},
		{"micro-dicom.me.", dns.TypeNS, 0, []string{"micro-dicom.me. NS dns1.side-street.example.", "micro-dicom.me. NS dns2.side-street.example."}, nil},
		{"www.micro-dicom.me.", dns.TypeA, dns.RcodeNameError, nil, []string{"micro-dicom.me. SOA"}},
		{"microdicorn.com.", dns.TypeA, dns.RcodeServerFailure, nil, nil},
		{"www.microdicorn.com.", dns.TypeA, dns.RcodeServerFailure, nil, nil},
		{"microdicom-download.com.", dns.TypeA, dns.RcodeNameError, nil, []string{"com. SOA"}},
		{"microdicom.co.uk.", dns.TypeA, dns.RcodeNameError, nil, []string{"uk. SOA"}},
		{"co.uk.", dns.TypeA, 0, nil, []string{"uk. SOA"}},
		{"nothing-of-the-kind.xyz.", dns.TypeA, dns.RcodeNameError, nil, []string{"xyz. SOA"}},
		{"a.no-such-tld.", dns.TypeA, dns.RcodeNameError, nil, []string{". SOA"}},
		{"microdicom.ws.", dns.TypeA, 0, []string{"microdicom.ws. A 198.51.100.190"}, nil},
		{"whatever.com.ws.", dns.TypeA, 0, []string{"whatever.com.ws. A 198.51.100.190"}, nil},
		{"microdicom.ws.", dns.TypeNS, 0, nil, []string{"ws. SOA"}},
		{"isc.sans.edu.", dns.TypeA, 0, []string{"isc.sans.edu. A 192.0.2.150"}, nil},
		{"mail.quiet-harbour.example.", dns.TypeA, 0, []string{"mail.quiet-harbour.example. A 203.0.113.23"}, nil},
		{"com.", dns.TypeNS, 0, []string{"com. NS a.tld-servers.example.", "com. NS b.tld-servers.example."}, nil},
		{"com.", dns.TypeSOA, 0, []string{"com. SOA"}, nil},
	} {
		for _, network := range []string{"udp", "tcp"} {
			for _, resolver := range l.Resolvers() {
				r := ask(t, l, network, resolver.String(), tt.name, tt.typ, true)
				if r.Rcode != tt.rcode || r.Authoritative || !r.RecursionAvailable || !r.Response {
					t.Errorf("%s %s: rcode %d, AA %v, RA %v", tt.name, dns.TypeToString[tt.typ], r.Rcode, r.Authoritative, r.RecursionAvailable)
				}
				if r.Question[0].Name != tt.name {
					t.Errorf("question came back as %q, asked %q", r.Question[0].Name, tt.name)
				}
				if d := cmp.Diff(tt.want, lines(r.Answer)); d != "" {
					t.Errorf("%s %s: answer (-want +got)\n%s", tt.name, dns.TypeToString[tt.typ], d)
				}
				if d := cmp.Diff(tt.soa, lines(r.Ns)); d != "" {
					t.Errorf("%s %s: authority (-want +got)\n%s", tt.name, dns.TypeToString[tt.typ], d)
				}
			}
		}
	}
}
