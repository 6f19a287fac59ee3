// Package advisory reads what was announced, when, about which product: CSAF
// 2.0 documents. It reads six fields of them and is lenient about the rest, so
// that a document with an unknown enumeration still gives its date. It does not
// validate, fetch or store.
package advisory

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"lurehound"
)

// Caps on a document: the largest of CISA's is under 10 MiB.
const (
	maxDocument = 32 << 20
	maxDepth    = 32     // nesting of product branches; real documents have 3 to 6
	maxNames    = 10_000 // names collected
)

type csafDocument struct {
	Document struct {
		Title    string `json:"title"`
		Tracking struct {
			ID             string `json:"id"`
			InitialRelease string `json:"initial_release_date"`
		} `json:"tracking"`
		References []csafURL `json:"references"`
	} `json:"document"`
	ProductTree struct {
		Branches []csafBranch `json:"branches"`
	} `json:"product_tree"`
	Vulnerabilities []struct {
		Remediations []struct {
			URL     string `json:"url"`
			Details string `json:"details"`
		} `json:"remediations"`
	} `json:"vulnerabilities"`
}

type csafURL struct {
	URL string `json:"url"`
}

type csafBranch struct {
	Category string       `json:"category"`
	Name     string       `json:"name"`
	Branches []csafBranch `json:"branches"`
}

// ErrNotCSAF is wrapped when a document lacks what makes it an advisory.
var ErrNotCSAF = errors.New("not a CSAF advisory")

// ParseCSAF reads one CSAF 2.0 document; source says where it came from.
// Hosts are those that remediations name first, then those of the references,
// without the authorities' own; they are a proposal, not a fact.
func ParseCSAF(b []byte, source string) (lurehound.Advisory, error) {
	if len(b) > maxDocument {
		return lurehound.Advisory{}, fmt.Errorf("%w: it has %d bytes, the limit is %d", ErrNotCSAF, len(b), maxDocument)
	}
	var doc csafDocument
	if err := json.Unmarshal(b, &doc); err != nil {
		return lurehound.Advisory{}, fmt.Errorf("%w: %w", ErrNotCSAF, err)
	}
	d := doc.Document
	if d.Tracking.ID == "" {
		return lurehound.Advisory{}, fmt.Errorf("%w: it has no document.tracking.id", ErrNotCSAF)
	}
	released, err := time.Parse(time.RFC3339, d.Tracking.InitialRelease)
	if err != nil {
		return lurehound.Advisory{}, fmt.Errorf("%w: initial_release_date %.40q is no RFC 3339 time", ErrNotCSAF, d.Tracking.InitialRelease)
	}
	a := lurehound.Advisory{ID: d.Tracking.ID, Title: d.Title, Released: released.UTC(), Source: source}
	collect(&a, doc.ProductTree.Branches, 0)
	for _, v := range doc.Vulnerabilities {
		for _, r := range v.Remediations {
			addHost(&a, r.URL)
			for _, w := range strings.Fields(r.Details) {
				if strings.Contains(w, "://") {
					addHost(&a, strings.Trim(w, "()[]<>,;.'\""))
				}
			}
		}
	}
	for _, r := range d.References {
		addHost(&a, r.URL)
	}
	return a, nil
}

func collect(a *lurehound.Advisory, branches []csafBranch, depth int) {
	if depth > maxDepth {
		return
	}
	for _, b := range branches {
		switch b.Category {
		case "vendor":
			a.Vendors = addName(a.Vendors, b.Name)
		case "product_name":
			a.Products = addName(a.Products, b.Name)
		}
		collect(a, b.Branches, depth+1)
	}
}

func addName(list []string, name string) []string {
	if name == "" || len(list) >= maxNames || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// authorities publish and number advisories; they are no vendor's site.
var authorities = [...]string{"cisa.gov", "nist.gov", "mitre.org", "fda.gov", "first.org", "cve.org",
	"github.com", "githubusercontent.com", "us-cert.gov"}

func addHost(a *lurehound.Advisory, link string) {
	u, err := url.Parse(link)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return
	}
	d, err := lurehound.ParseDomain(u.Hostname())
	if err != nil || d.Problem() != "" || ofAuthority(d.String()) {
		return
	}
	a.Hosts = addName(a.Hosts, d.String())
}

func ofAuthority(host string) bool {
	return slices.ContainsFunc(authorities[:], func(a string) bool {
		return host == a || strings.HasSuffix(host, "."+a)
	})
}
