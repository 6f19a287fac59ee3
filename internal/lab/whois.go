package lab

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

const (
	portWHOIS = 43
	// mostQuery is more than a name and its line end have (RFC 1035: 253 octets).
	mostQuery = 512
)

// startWHOIS lets IANA's server and those of the registries listen.
func (l *Lab) startWHOIS() {
	g := newRegister(l.scenario)
	l.serveWHOIS(g.data.Bootstrap.WHOISAddress, g.referral)
	for _, reg := range g.data.WHOIS {
		l.serveWHOIS(reg.Address, func(name string) string { return g.whois(reg, name) })
	}
}

// serveWHOIS answers one line with a text and closes (RFC 3912).
func (l *Lab) serveWHOIS(a netip.Addr, answer func(name string) string) {
	at := netip.AddrPortFrom(a, portWHOIS)
	l.network.tcp[at] = func(c net.Conn) {
		l.network.spawn(func() {
			defer c.Close()
			line, err := bufio.NewReader(io.LimitReader(c, mostQuery)).ReadString('\n')
			if err != nil {
				return
			}
			name := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(line), "."))
			l.journal.add(Request{
				Time: l.clock.Now(), Service: WHOIS, Dst: at, Host: name, Method: "WHOIS",
				Src: c.RemoteAddr().(*net.TCPAddr).AddrPort(),
			})
			_, _ = io.WriteString(c, strings.ReplaceAll(answer(name), "\n", "\r\n")) // the client may have gone
		})
	}
}

// referral is what IANA says of a top-level domain.
func (g *register) referral(name string) string {
	label := tld(name)
	for _, reg := range g.data.WHOIS {
		if slices.Contains(reg.TLDs, label) {
			return fmt.Sprintf("%% Laboratory WHOIS server\n\nrefer:        %s\n\ndomain:       %s\n\nwhois:        %s\n\nstatus:       ACTIVE\nsource:       IANA\n",
				reg.Host, strings.ToUpper(label), reg.Host)
		}
	}
	if slices.Contains(g.data.RDAP.TLDs, label) {
		// Many registries have switched WHOIS off: then IANA names none.
		return fmt.Sprintf("%% Laboratory WHOIS server\n\ndomain:       %s\n\nstatus:       ACTIVE\nsource:       IANA\n", strings.ToUpper(label))
	}
	return "% Laboratory WHOIS server\n%\n% This query returned 0 objects.\n"
}

// whois is a registry's text, in the form that most registries share.
func (g *register) whois(reg whoisData, name string) string {
	n := g.names[name]
	if n == nil || !slices.Contains(reg.TLDs, tld(name)) {
		return fmt.Sprintf("Domain not found.\n>>> Last update of WHOIS database: %s <<<\n", g.date.UTC().Format(time.RFC3339))
	}
	var b strings.Builder
	line := func(key, value string) { fmt.Fprintf(&b, "%s: %s\n", key, value) }
	registrar := g.registrars[n.Registrar]
	line("Domain Name", n.Domain)
	line("Registry Domain ID", "LAB-"+strings.ToUpper(n.Domain))
	line("Updated Date", n.changed().UTC().Format(time.RFC3339))
	line("Creation Date", n.Registered.UTC().Format(time.RFC3339))
	line("Registry Expiry Date", n.expires().UTC().Format(time.RFC3339))
	line("Registrar", registrar.Name)
	line("Registrar IANA ID", registrar.IANA)
	line("Registrar Abuse Contact Email", registrar.Abuse)
	line("Registrar Abuse Contact Phone", registrar.Phone)
	for _, s := range n.statuses() {
		epp := eppStatus(s)
		line("Domain Status", epp+" https://icann.org/epp#"+epp)
	}
	for _, s := range g.operators[n.Operator].Servers {
		line("Name Server", s.Name)
	}
	line("DNSSEC", "unsigned")
	fmt.Fprintf(&b, ">>> Last update of WHOIS database: %s <<<\n", g.date.UTC().Format(time.RFC3339))
	return b.String()
}

// eppStatus maps RDAP's words back to EPP's (RFC 8056, section 2).
func eppStatus(words string) string {
	if words == "active" {
		return "ok"
	}
	first, rest, _ := strings.Cut(words, " ")
	for word := range strings.FieldsSeq(rest) {
		first += strings.ToUpper(word[:1]) + word[1:]
	}
	return first
}
