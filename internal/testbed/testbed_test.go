package testbed

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

func TestCampaignCounts(t *testing.T) {
	for _, c := range []Campaign{{100_000, 20}, {5_000, 20}, {7, 20}, {11, 20}, {3, 1}} {
		var b bytes.Buffer
		if err := c.WriteNames(&b); err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(b.String())
		there := 0
		for i := range c.Names {
			if lines[i] != c.Name(i) {
				t.Fatalf("line %d is %s", i, lines[i])
			}
			if c.Exists(i) {
				there++
			}
		}
		zone := c.Zones()["com"]
		for rr, ok, zp := dns.RR(nil), true, dns.NewZoneParser(strings.NewReader(zone), "com.", ""); ok; {
			if rr, ok = zp.Next(); zp.Err() != nil {
				t.Errorf("%+v: after %v: %v", c, rr, zp.Err())
			}
		}
		if len(lines) != c.Names || there != c.Existing() || strings.Count(zone, " AAAA ") != there {
			t.Errorf("%+v: %d lines, %d exist of %d, %d in the zone", c, len(lines), there, c.Existing(), strings.Count(zone, " AAAA "))
		}
	}
}

// echo answers every packet with itself, over UDP and TCP.
func echo(t *testing.T) *net.UDPConn {
	t.Helper()
	u, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := u.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			_, _ = u.WriteToUDPAddrPort(buf[:n], from)
		}
	}()
	return u
}

// TestRelayLosesItsShare counts what comes through, in two runs with the same seed.
func TestRelayLosesItsShare(t *testing.T) {
	server := echo(t).LocalAddr().(*net.UDPAddr).AddrPort()
	const packets = 4000
	var before int64
	for run := range 2 {
		r, err := NewRelay(server, BothWays(0.2, time.Millisecond))
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(r.Addr))
		if err != nil {
			t.Fatal(err)
		}
		buf, got := make([]byte, 64), 0
		for i := range packets {
			p := make([]byte, 12)
			p[0], p[1] = byte(i>>8), byte(i)
			if _, err := c.Write(p); err != nil {
				t.Fatal(err)
			}
			if i%200 != 199 {
				continue
			}
			for { // what is under way comes within a moment
				_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
				n, err := c.Read(buf)
				if err != nil {
					break
				}
				if id := int(buf[0])<<8 | int(buf[1]); n != 12 || id > i || id < i-199 {
					t.Fatalf("an answer of %d octets to question %d after %d", n, id, i)
				}
				got++
			}
		}
		queries, answers := r.Lost()
		c.Close()
		r.Close()
		if got < packets*60/100 || got > packets*68/100 { // 0.64
			t.Errorf("%d of %d came back, want 64 %%", got, packets)
		}
		if queries+answers == 0 || run == 1 && queries != before {
			t.Errorf("%d queries lost, %d in the run before", queries, before)
		}
		before = queries
	}
}

func TestRelayRefusesStreams(t *testing.T) {
	r, err := NewRelay(echo(t).LocalAddr().(*net.UDPAddr).AddrPort(), Network{NoTCP: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if c, err := net.Dial("tcp", r.Addr.String()); err == nil {
		c.Close()
		t.Error("a stream was taken")
	}
}

// TestServers starts each server once and asks it, and the relay before it, over UDP and TCP.
func TestServers(t *testing.T) {
	c := Campaign{Names: 40, Share: 20}
	authority, err := Knot(t.Context(), t.TempDir(), c.Zones())
	need(t, err)
	t.Cleanup(authority.Stop)
	nsd, err := NSD(t.Context(), t.TempDir(), c.Zones())
	need(t, err)
	t.Cleanup(nsd.Stop)
	resolver, err := Unbound(t.Context(), t.TempDir(), authority.Addr, c.Zones(), "")
	need(t, err)
	t.Cleanup(resolver.Stop)
	for what, s := range map[string]*Server{"knot": authority, "nsd": nsd, "unbound": resolver} {
		r, err := NewRelay(s.Addr, Network{Delay: time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		for _, network := range []string{"udp", "tcp"} {
			client := dns.Client{Net: network, Timeout: 2 * time.Second}
			for i, want := range map[int]int{10: dns.RcodeSuccess, 11: dns.RcodeNameError} {
				m, _, err := client.Exchange(new(dns.Msg).SetQuestion(c.Name(i)+".", dns.TypeA), r.Addr.String())
				if err != nil || m.Rcode != want || m.Authoritative != (s != resolver) {
					t.Errorf("%s over %s of %s: %v, %v", what, network, c.Name(i), m, err)
				}
			}
		}
		r.Close()
		var names []string
		for i := range c.Names {
			names = append(names, c.Name(i))
		}
		if heard, there, err := Plain(t.Context(), s.Addr, names, 4, dns.TypeA); err != nil || heard != c.Names || there != c.Existing() {
			t.Errorf("%s, plain client: %d answered, %d exist, %v", what, heard, there, err)
		}
	}
}

func need(t *testing.T, err error) {
	t.Helper()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}
