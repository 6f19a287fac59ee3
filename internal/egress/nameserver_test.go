package egress

import (
	"net"
	"net/netip"
	"testing"
)

// TestNameServersLearntFromOutside: what a DNS answer calls a name server is
// judged like any address, and reached at its port only.
func TestNameServersLearntFromOutside(t *testing.T) {
	r := new(recorder)
	inner, err := ParseAllowance("10.1.0.0/16:53")
	if err != nil {
		t.Fatal(err)
	}
	web, err := ParseAllowance("10.2.0.0/16")
	if err != nil {
		t.Fatal(err)
	}
	lab := New(Config{Lab: r.dial, Allow: []Allowance{inner, web}})
	for _, a := range specials(t) {
		if !inAny(documentation[:], a.Unmap()) {
			_, err := lab.DialNameServer(t.Context(), "udp", netip.AddrPortFrom(a, dnsPort))
			wantBlocked(t, err)
		}
	}
	for _, refused := range []string{"8.8.8.8:443", "8.8.8.8:80", "8.8.8.8:5353", "10.1.0.1:80", "10.2.0.1:53", "127.0.0.1:53"} {
		_, err := lab.DialNameServer(t.Context(), "udp", netip.MustParseAddrPort(refused))
		wantBlocked(t, err)
	}
	for _, network := range []string{"unix", "ip", ""} {
		_, err := lab.DialNameServer(t.Context(), network, netip.MustParseAddrPort("8.8.8.8:53"))
		wantBlocked(t, err)
	}
	if n := r.dials.Load(); n != 0 {
		t.Fatalf("%d dials, want none", n)
	}
	for i, admitted := range []string{"8.8.8.8:53", "[2001:4860::8888]:53", "10.1.0.1:53", "192.0.2.1:53"} {
		for j, network := range []string{"udp", "tcp"} {
			c, err := lab.DialNameServer(t.Context(), network, netip.MustParseAddrPort(admitted))
			if err != nil {
				t.Errorf("%s %s: %v", network, admitted, err)
				continue
			}
			c.Close()
			if n := r.dials.Load(); n != int64(2*i+j+1) {
				t.Errorf("%d dials after %s %s", n, network, admitted)
			}
		}
	}
}

// TestNameServerSocketIsJudged bypasses the first check, as TestSocketIsJudged does.
func TestNameServerSocketIsJudged(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g := New(Config{})
	_, err = g.dial(t.Context(), "udp", netip.MustParseAddrPort(l.LocalAddr().String()), g.guardNameServer)
	wantBlocked(t, err)
}
