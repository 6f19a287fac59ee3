package score

import (
	"strings"

	"lurehound"
)

// noticeWords: a notice is short; an article about take-downs is not.
const noticeWords = 300

// suspensionPhrases are in lower case, and said by notices in place of a site:
// of content networks, registrars, hosts, courts and sinkholes.
var suspensionPhrases = []string{
	"suspected phishing", "suspected malware", "reported for potential phishing", "has been flagged as phishing", "reported as a phishing site",
	"this account has been suspended", "account suspended", "this site has been suspended", "this website has been suspended", "site suspended", "website suspended",
	"domain suspended", "domain has been suspended", "domain name has been suspended", "domain is suspended", "domain name is suspended",
	"has been taken down", "has been disabled due to abuse", "disabled for violating", "suspended for abuse", "suspended due to abuse", "abuse complaint",
	"domain has been seized", "domain name has been seized", "website has been seized", "seized by", "this domain has been blocked by court",
	"sinkhole", "sinkholed", "digital crimes unit", "shadowserver",
	"diese seite wurde gesperrt", "diese domain wurde gesperrt", "ce site a été suspendu", "este sitio ha sido suspendido", "questo sito è stato sospeso",
	"konto zostało zawieszone", "сайт заблокирован", "домен заблокирован", "аккаунт заблокирован",
}

// verification words tell a suspension for want of an owner's reply (ICANN's
// accuracy rules), which says nothing of abuse.
var verification = []string{"verify your email", "email verification", "verification of the contact", "whois verification", "contact information has not been verified", "pending icann verification", "contact verification"}

// suspended looks for a notice on all pages that were shown: a site that shows
// anything else to anybody is not down.
func suspended(c Case) (lurehound.Signal, bool) {
	phrase, at := "", ""
	for _, v := range c.own() {
		if v.Page == nil {
			continue
		}
		p, ok := notice(v.Page)
		if !ok {
			if v.empty() {
				continue
			}
			return lurehound.Signal{}, false
		}
		if phrase == "" {
			phrase, at = p, v.URL
		}
	}
	if phrase == "" || c.resembles() {
		return sinkhole(c)
	}
	return lurehound.Signal{Verdict: lurehound.TakenDown, Why: "in place of the site stands a notice: \"" + phrase + "\"", Evidence: at}, true
}

func notice(p *lurehound.PageFacts) (string, bool) {
	if p.Words > noticeWords || len(p.Downloads) > 0 || asksForCredentials(p) {
		return "", false
	}
	text := strings.ToLower(p.Title + "\n" + p.Text)
	if _, ok := firstOf(text, verification); ok {
		return "", false
	}
	return firstOf(text, suspensionPhrases)
}

func asksForCredentials(p *lurehound.PageFacts) bool { return len(p.Forms) > 0 }

func firstOf(text string, phrases []string) (string, bool) {
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return p, true
		}
	}
	return "", false
}

// sinkhole goes by servers that say what they are.
func sinkhole(c Case) (lurehound.Signal, bool) {
	var said []string
	if d := c.dns(); d != nil {
		said = append(said, d.NS...)
	}
	if r := c.registration(); r != nil {
		said = append(said, r.NS...)
	}
	for _, v := range c.own() {
		said = append(said, v.Server)
	}
	for _, s := range said {
		if strings.Contains(strings.ToLower(s), "sinkhole") {
			return lurehound.Signal{Verdict: lurehound.TakenDown, Why: "the domain leads to a sinkhole", Evidence: s}, true
		}
	}
	return lurehound.Signal{}, false
}
