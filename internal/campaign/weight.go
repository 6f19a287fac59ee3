package campaign

import (
	"slices"
	"strings"

	"lurehound"
)

// weight is what sharing a pivot says.
type weight int

const (
	nothing weight = iota
	weak           // joins with another one of a different kind
	strong         // joins alone
)

// manyHolders is where a shared value begins to look like infrastructure: more
// names than the campaigns of this kind that are on record had in one place.
const manyHolders = 20

// weigh gives each pivot its weight from its kind and from who holds it. Common
// infrastructure is told by its company: an address, name server, icon or file
// that an innocent or parked name has too joins nobody, however many share it.
func weigh(p lurehound.Pivot, holders []int, findings []lurehound.Finding) weight {
	if len(holders) < 2 {
		return nothing
	}
	innocent := slices.ContainsFunc(holders, func(i int) bool { return innocent(findings[i]) })
	switch p.Kind {
	case lurehound.PivotRegistration:
		return strong // for look-alikes of one brand; see graph.join
	case lurehound.PivotCertificateKey, lurehound.PivotPage:
		if len(holders) > manyHolders && innocent {
			return nothing // a content network's certificate, a host's default page
		}
		return strong
	case lurehound.PivotFamily:
		if len(holders) > manyHolders || slices.ContainsFunc(holders, func(i int) bool {
			return findings[i].Verdict == lurehound.Parked || findings[i].Verdict == lurehound.Benign
		}) {
			return nothing // a theme's demonstration, a host's place-holder
		}
		return strong
	case lurehound.PivotPayload, lurehound.PivotEmbeddedKey, lurehound.PivotC2:
		if innocent || len(holders) > manyHolders && p.Kind == lurehound.PivotPayload {
			return nothing
		}
		return strong
	case lurehound.PivotSigner:
		// Names of certificates are chosen by whoever buys them, so a signer of malware is nobody else's; makers of tools that
		// are abused as they are have thousands of customers.
		if innocent || isToolMaker(p.Value) {
			return nothing
		}
		return strong
	case lurehound.PivotImphash:
		if innocent {
			return nothing
		}
		return weak
	case lurehound.PivotNameServer:
		if innocent || ofProvider(p.Value) {
			return nothing
		}
		return weak
	case lurehound.PivotServer:
		if innocent || len(holders) > manyHolders {
			return nothing // what a distribution or a host installs
		}
		return weak
	case lurehound.PivotIP, lurehound.PivotFavicon, lurehound.PivotDownload:
		if innocent {
			return nothing
		}
		return weak
	}
	return nothing
}

// together reports whether two weak pivots join: they have to be of different
// kinds, and what a web server says of itself comes with its address and its
// host's name servers, for everybody who rents there.
func together(a, b lurehound.PivotKind) bool {
	hosting := func(k lurehound.PivotKind) bool { return k == lurehound.PivotIP || k == lurehound.PivotNameServer }
	return a != b && !(a == lurehound.PivotServer && hosting(b)) && !(b == lurehound.PivotServer && hosting(a))
}

// accused reports whether a verdict says that something is wrong with a name.
func accused(v lurehound.Verdict) bool {
	return v == lurehound.Malicious || v == lurehound.Suspicious
}

// innocent reports whether a finding shows something of its own that is not the
// brand's: what it shares with others, it shares by chance.
func innocent(f lurehound.Finding) bool {
	switch f.Verdict {
	case lurehound.Parked, lurehound.Benign:
		return true
	case lurehound.Inconclusive:
		return slices.ContainsFunc(f.Visits(), func(v *lurehound.VisitFacts) bool {
			return v.Page != nil && v.Status < 400 && v.Page.Words >= pageWords
		})
	}
	return false
}

// counts reports whether a pivot of a finding can join it. Of parked and
// taken-down names only the registration can: page, address, icon and
// certificate are those of whoever keeps the place.
func counts(p lurehound.Pivot, f lurehound.Finding) bool {
	if f.Verdict == lurehound.Parked || f.Verdict == lurehound.TakenDown {
		return p.Kind == lurehound.PivotRegistration
	}
	return true
}

// providers hand the same name servers to a great many customers.
var providers = []string{
	"cloudflare.com", "domaincontrol.com", "registrar-servers.com", "namecheaphosting.com", "googledomains.com", "google.com", "azure-dns.com", "azure-dns.net",
	"azure-dns.org", "azure-dns.info", "dns-parking.com", "hostinger.com", "wixdns.net", "squarespacedns.com", "nsone.net", "ui-dns.com", "ui-dns.de", "ui-dns.org",
	"ui-dns.biz", "ionos.com", "ovh.net", "gandi.net", "name.com", "namebrightdns.com", "porkbun.com", "dynadot.com", "namesilo.com", "dnsowl.com", "share-dns.com",
	"share-dns.net", "alidns.com", "hichina.com", "dnspod.net", "dnspod.com", "digitalocean.com", "linode.com", "vercel-dns.com", "bluehost.com", "hostgator.com",
	"siteground.net", "dreamhost.com", "reg.ru", "nic.ru", "beget.com", "beget.pro", "timeweb.ru", "openprovider.nl", "transip.net", "one.com", "loopia.se", "strato.de",
	"hetzner.com", "your-server.de", "inwx.de", "njal.la", "orderbox-dns.com", "publicdomainregistry.com", "eurodns.com", "dnsimple.com", "dnsmadeeasy.com", "ultradns.net",
	"afraid.org", "he.net", "shopify.com", "wordpress.com", "automattic.com", "epik.com", "enom.com", "name-services.com", "worldnic.com", "register.com", "networksolutions.com",
}

// ofProvider reports whether all servers of a set are a big provider's.
func ofProvider(set string) bool {
	for _, ns := range strings.Fields(set) {
		if strings.Contains(ns, ".awsdns-") {
			continue // ns-1.awsdns-01.org and so on
		}
		if !slices.ContainsFunc(providers, func(p string) bool { return ns == p || strings.HasSuffix(ns, "."+p) }) {
			return false
		}
	}
	return true
}

// toolMakers sign genuine programs that lures hand out: remote control, and what people search for.
// Names are as payload.NormalSigner writes them.
var toolMakers = []string{
	"connectwise", "anydesk software", "philandro software", "teamviewer germany", "teamviewer", "atera networks", "splashtop", "netsupport", "logmein", "goto technologies",
	"microsoft", "microsoft windows", "google", "mozilla", "adobe", "apple", "zoom video communications", "oracle america", "simon tatham", "famatech", "notepad++",
}

func isToolMaker(signer string) bool { return slices.Contains(toolMakers, signer) }
