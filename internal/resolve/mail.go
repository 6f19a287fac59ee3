package resolve

import (
	"context"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"lurehound"
)

// askMail finds out how far the name is set up for mail, when both MX and TXT
// were asked for and answered. It costs one question, or two below a
// registrable name.
func (q *inquiry) askMail(ctx context.Context) {
	for _, t := range []uint16{dns.TypeMX, dns.TypeTXT} {
		if !slices.Contains(q.types, t) || !slices.Contains(q.have, t) {
			return
		}
	}
	m := &lurehound.MailFacts{Receives: lurehound.MailNowhere, SPF: policy(q.facts.TXT, "v=spf1")}
	switch {
	case slices.Equal(q.facts.MX, []string{"."}):
		m.Receives = lurehound.MailRefused
	case len(q.facts.MX) > 0:
		m.Receives = lurehound.MailByMX
	case len(q.facts.A)+len(q.facts.AAAA) > 0:
		m.Receives = lurehound.MailByAddress
	}
	q.facts.Mail = m
	// A name without a policy of its own has that of the registrable one (RFC 7489, section 6.6.3).
	names := []string{q.name}
	if reg := q.domain.Registrable(); reg != "" && reg != q.domain.String() {
		names = append(names, presentation(reg))
	}
	for _, name := range names {
		a := q.c.ask(ctx, "_dmarc."+name, dns.TypeTXT, q.c.inOrder(q.start))
		switch a.kind {
		case kindPositive:
			if m.DMARC = policy(a.texts, "v=dmarc1"); m.DMARC != "" {
				return
			}
		case kindNX, kindNoData, kindApex:
		default:
			q.missing = append(q.missing, "DMARC")
			return
		}
	}
}

// policy is the first text that begins with the version, which ends the text or
// is followed by a space or semicolon.
func policy(texts []string, version string) string {
	for _, s := range texts {
		if len(s) >= len(version) && strings.EqualFold(s[:len(version)], version) {
			if rest := s[len(version):]; rest == "" || strings.ContainsAny(rest[:1], " ;\t") {
				return s
			}
		}
	}
	return ""
}
