package score

import (
	"slices"
	"strings"

	"lurehound"
)

// parkedWords: parking pages are short, even those full of advertisements.
const parkedWords = 600

// parkedPhrases are in lower case, and said by pages that hold a place.
var parkedPhrases = []string{
	"domain is for sale", "domain may be for sale", "domain name is for sale", "domain for sale", "domain name for sale", "buy this domain", "purchase this domain",
	"make an offer on this domain", "inquire about this domain", "interested in this domain", "this domain is available for purchase", "get this domain", "own this domain",
	"domain is parked", "domain parked", "parked domain", "parked free", "parked at", "domain parking", "page is parked", "this domain has expired", "domain name has expired",
	"this domain is registered at", "this domain was recently registered", "this domain has recently been registered", "this domain has been registered",
	"sponsored listings", "future home of something", "this domain has been reserved",
	"domain steht zum verkauf", "diese domain ist zu verkaufen", "diese domain kaufen", "domain ist geparkt",
	"domaine est à vendre", "nom de domaine est à vendre", "acheter ce domaine", "dominio está en venta", "dominio en venta", "compra este dominio",
	"dominio è in vendita", "dominio in vendita", "domínio está à venda", "domein is te koop", "domena na sprzedaż", "domena jest na sprzedaż", "domänen är till salu",
	"домен продается", "домен продаётся", "домен припаркован", "域名出售", "此域名可出售", "このドメインは売りに出され",
}

// parkingHosts serve parking pages, their scripts or their listings.
var parkingHosts = []string{
	"sedo.com", "sedoparking.com", "bodis.com", "parkingcrew.net", "parklogic.com", "above.com", "afternic.com", "dan.com", "undeveloped.com",
	"hugedomains.com", "cashparking.com", "domainmarket.com", "buydomains.com", "namebright.com", "skenzo.com", "domainnameshop.com", "brandbucket.com",
	"efty.com", "voodoo.com", "trafficz.com", "fabulous.com", "uniregistry.com", "domainsponsor.com", "rookmedia.net", "parking.reg.ru", "d38psrni17bvxu.cloudfront.net",
}

// parkingScripts are files that only parking pages load.
var parkingScripts = []string{"caf.js", "parking.js", "parking-lander.js", "parking-lander.css", "park.js", "jsparkcaf.php"}

// parked needs all pages that were shown to be parking pages: lures show one to
// visitors that they do not want. Name servers and addresses of parking
// companies do not count; they serve other sites too.
func parked(c Case) (lurehound.Signal, bool) {
	why, at := "", ""
	for _, v := range c.own() {
		if v.Page == nil {
			continue
		}
		w, ok := parkingPage(v)
		if !ok {
			if v.empty() {
				continue
			}
			return lurehound.Signal{}, false
		}
		if why == "" {
			why, at = w, v.URL
		}
	}
	if why == "" || c.resembles() {
		return lurehound.Signal{}, false
	}
	return lurehound.Signal{Verdict: lurehound.Parked, Why: "the page is a parking page: " + why, Evidence: at}, true
}

func parkingPage(v view) (string, bool) {
	p := v.Page
	if p.Words > parkedWords || len(p.Downloads) > 0 || asksForCredentials(p) {
		return "", false
	}
	if h := host(v.URL); onList(h, parkingHosts) {
		return "the visit was led to " + lurehound.Defang(h), true
	}
	text := strings.ToLower(p.Title + "\n" + p.Text)
	if phrase, ok := firstOf(text, parkedPhrases); ok {
		return "it says \"" + phrase + "\"", true
	}
	if strings.HasSuffix(strings.ToLower(strings.TrimRight(p.Title, "!. ")), "is for sale") {
		return "its title says that the name is for sale", true
	}
	for _, s := range p.Assets {
		if slices.Contains(parkingScripts, s) {
			return "it loads " + s, true
		}
	}
	for _, f := range append(slices.Clone(p.AssetHosts), p.Frames...) {
		if h := host(f); onList(h, parkingHosts) {
			return "it loads from " + lurehound.Defang(h), true
		}
	}
	return "", false
}

// parkingHost is a hint for people, without points.
func parkingHost(c Case) (lurehound.Signal, bool) {
	if d := c.dns(); d != nil {
		for _, ns := range d.NS {
			if onList(ns, parkingHosts) {
				return lurehound.Signal{Why: "the name server is a parking company's", Evidence: ns}, true
			}
		}
	}
	return lurehound.Signal{}, false
}

// onList reports whether a host is on the list, or below an entry.
func onList(h string, list []string) bool {
	h = strings.ToLower(strings.TrimSuffix(h, "."))
	return slices.ContainsFunc(list, func(e string) bool { return h == e || strings.HasSuffix(h, "."+e) })
}
