package lurehound

import (
	"net/netip"
	"time"
)

// Observation is what one probe saw at one time through one egress profile.
// It is never changed afterwards. At most one kind of facts is set, by the probe.
type Observation struct {
	Domain  Domain        `json:"domain"`
	Probe   string        `json:"probe"`
	Profile string        `json:"profile"` // egress profile; "" where none applies (DNS, RDAP)
	At      time.Time     `json:"at"`
	Took    time.Duration `json:"took"`
	Outcome Outcome       `json:"outcome"`
	Reason  string        `json:"reason,omitempty"` // why the outcome is not Found, a short word or phrase

	DNS          *DNSFacts          `json:"dns,omitempty"`
	Registration *RegistrationFacts `json:"registration,omitempty"`
	Visit        *VisitFacts        `json:"visit,omitempty"`
	Cloaking     *Cloaking          `json:"cloaking,omitempty"`
	Payload      *PayloadFacts      `json:"payload,omitempty"`
	Screenshot   *ScreenshotFacts   `json:"screenshot,omitempty"`
}

// DNSFacts is the typed answer to questions about one name.
type DNSFacts struct {
	Resolution Resolution   `json:"resolution"`
	Reason     string       `json:"reason,omitempty"` // "servfail", "timeout", "single-resolver", "hold" …
	Wildcard   bool         `json:"wildcard"`         // the parent answers for any name
	A          []netip.Addr `json:"a,omitempty"`
	AAAA       []netip.Addr `json:"aaaa,omitempty"`
	NS         []string     `json:"ns,omitempty"`
	MX         []string     `json:"mx,omitempty"`
	TXT        []string     `json:"txt,omitempty"`
	CNAME      []string     `json:"cname,omitempty"`
	CAA        []string     `json:"caa,omitempty"`     // presentation form: 0 issue "ca.example"
	PTR        []PTRFacts   `json:"ptr,omitempty"`     // names that whoever holds the addresses gave them
	Mail       *MailFacts   `json:"mail,omitempty"`    // nil unless MX and TXT were asked for and answered
	ASN        []ASNFacts   `json:"asn,omitempty"`     // who announces the addresses, by a table of the user's
	Hints      []Hint       `json:"hints,omitempty"`   // what name servers and addresses are known for; never a verdict
	Missing    []string     `json:"missing,omitempty"` // record types whose question was not answered
}

// PTRFacts is an address and its names.
type PTRFacts struct {
	Addr  netip.Addr `json:"addr"`
	Names []string   `json:"names"`
}

// MailFacts is how far a name is set up for mail.
type MailFacts struct {
	Receives MailRoute `json:"receives"`
	SPF      string    `json:"spf,omitempty"`   // the record (RFC 7208); "" when there is none
	DMARC    string    `json:"dmarc,omitempty"` // the record at _dmarc (RFC 7489); "" when there is none
}

// MailRoute is how mail for a name is delivered.
type MailRoute string

// The mail routes.
const (
	MailByMX      MailRoute = "mx"
	MailByAddress MailRoute = "address" // no MX, so the address is tried (RFC 5321, section 5.1)
	MailRefused   MailRoute = "null-mx" // the name says that it takes none (RFC 7505)
	MailNowhere   MailRoute = "no"
)

// ASNFacts is an address and the autonomous system that announces it.
type ASNFacts struct {
	Addr    netip.Addr `json:"addr"`
	Number  uint32     `json:"asn"`
	Country string     `json:"country,omitempty"`
	Name    string     `json:"name,omitempty"`
}

// Hint is what a name server or an address is known for.
type Hint struct {
	Kind string `json:"kind"` // "parking" or "sinkhole"
	By   string `json:"by"`   // the name server, alias or address
}

// Addrs are all addresses, IPv4 first.
func (f *DNSFacts) Addrs() []netip.Addr {
	if f == nil {
		return nil
	}
	return append(append([]netip.Addr(nil), f.A...), f.AAAA...)
}

// RegistrationFacts is what the registry says of a registrable domain.
type RegistrationFacts struct {
	Source     string    `json:"source"` // "rdap" or "whois", and the server asked
	Registered time.Time `json:"registered,omitzero"`
	Changed    time.Time `json:"changed,omitzero"`
	Expires    time.Time `json:"expires,omitzero"`
	Status     []string  `json:"status,omitempty"` // EPP status words, as RFC 8056 maps them: "client hold" …
	Registrar  string    `json:"registrar,omitempty"`
	Abuse      string    `json:"abuse,omitempty"` // mail address of the registrar's abuse contact
	NS         []string  `json:"ns,omitempty"`
}

// OnHold reports whether the registry or registrar keeps the name out of DNS.
func (f *RegistrationFacts) OnHold() bool {
	if f == nil {
		return false
	}
	for _, s := range f.Status {
		switch s {
		case "client hold", "server hold", "clientHold", "serverHold":
			return true
		}
	}
	return false
}

// VisitFacts is one visit to a web server: from the first request to the page
// where the redirects end.
type VisitFacts struct {
	Start       string            `json:"start"` // URL first asked for
	URL         string            `json:"url"`   // URL of the last answer
	Status      int               `json:"status"`
	Server      string            `json:"server,omitempty"`
	PoweredBy   string            `json:"powered_by,omitempty"` // X-Powered-By, as the header has it
	ContentType string            `json:"content_type,omitempty"`
	Size        int64             `json:"size"`                // decoded bytes read
	Body        Artifact          `json:"body,omitzero"`       // what was read, by its hash; the bytes are not kept
	Truncated   string            `json:"truncated,omitempty"` // which cap ended the reading: "too_large", "ratio" …
	Certificate *CertificateFacts `json:"certificate,omitempty"`
	Hops        []Hop             `json:"hops,omitempty"`
	Page        *PageFacts        `json:"page,omitempty"`  // nil when it was no HTML
	Tried       []Attempt         `json:"tried,omitempty"` // starts that gave no answer before this one did
}

// ScreenshotFacts is a page as a real browser showed it, dressed as one visitor.
type ScreenshotFacts struct {
	Profile string `json:"profile"` // as whom
	Engine  string `json:"engine"`  // what the browser really was: "Chromium 148.0.7778.167"
	Start   string `json:"start"`   // URL first asked for
	URL     string `json:"url"`     // where the page and its scripts led
	Title   string `json:"title,omitempty"`
	Width   int    `json:"width"` // pixels of the picture
	Height  int    `json:"height"`
	// Perceptual hashes of what fills the visitor's screen at first, 64 bits in hex; "" where that is of one colour.
	PHash    string   `json:"phash,omitempty"`
	DHash    string   `json:"dhash,omitempty"`
	Picture  Artifact `json:"picture"`            // the PNG, by its hash
	Refused  []string `json:"refused,omitempty"`  // what the page asked for and was not given, with the reason, at most 20
	Denied   int      `json:"denied,omitempty"`   // how often in all
	Problems []string `json:"problems,omitempty"` // what a reader of the picture has to know, sorted
	// Beside is the genuine page and this one in one picture; nil where there is no genuine page to be had.
	Beside *BesideFacts `json:"side_by_side,omitempty"`
}

// BesideFacts is a page beside the genuine one, both shown to the same visitor.
type BesideFacts struct {
	Genuine string   `json:"genuine"`                  // URL of the genuine page
	PHash   *int     `json:"phash_distance,omitempty"` // bits of 64 that differ; nil where either has no hash
	DHash   *int     `json:"dhash_distance,omitempty"`
	Differs float64  `json:"differs"` // share of the pictures' area, [0,1]
	Picture Artifact `json:"picture"` // the PNG of both, with what differs marked
}

// Attempt is a start of a visit that did not lead to an answer.
type Attempt struct {
	URL    string  `json:"url"`
	Result Outcome `json:"outcome"`
	Reason string  `json:"reason"`
}

// Hop is one step of a visit.
type Hop struct {
	URL    string     `json:"url"`
	Addr   netip.Addr `json:"addr,omitzero"` // address that was dialled
	Status int        `json:"status,omitempty"`
	Via    string     `json:"via,omitempty"` // what led on: "location", "meta-refresh"
	Reason string     `json:"reason,omitempty"`
}

// CertificateFacts is the leaf certificate shown, and whether it would be trusted.
type CertificateFacts struct {
	SHA256    string    `json:"sha256"` // of the certificate, hex
	SPKI      string    `json:"spki"`   // SHA-256 of the public key, hex
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"not_before"`
	NotAfter  time.Time `json:"not_after"`
	Names     []string  `json:"names,omitempty"` // SAN, at most 100
	Trusted   bool      `json:"trusted"`
	Problem   string    `json:"problem,omitempty"` // why it is not trusted
}

// Artifact is stored or once-seen bytes, named by their hash.
type Artifact struct {
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"` // bytes
}
