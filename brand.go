package lurehound

import (
	"errors"
	"fmt"
	"time"
)

// Brand is what is protected. Its own domains are never look-alikes.
type Brand struct {
	Name       string      `json:"name"`
	Domains    []Domain    `json:"domains"`              // own domains; the first one is imitated and referred to
	Words      []string    `json:"words,omitempty"`      // product names as people write them
	Signers    []string    `json:"signers,omitempty"`    // expected code-signing subjects
	References []Reference `json:"references,omitempty"` // genuine pages and installers
}

// Reference is a brand's genuine page or installer. Page is the state of a
// page when it was fetched; nil while it was not, or could not be.
type Reference struct {
	URL     string `json:"url"`
	SHA256  string `json:"sha256,omitempty"`   // of an installer known to be good, hex
	MinSize int64  `json:"min_size,omitempty"` // bytes
	MaxSize int64  `json:"max_size,omitempty"` // bytes
	Signer  string `json:"signer,omitempty"`
	// Thumbprint is the SHA-1 of the certificate that signed it: it proves the signer where no known root does.
	Thumbprint string     `json:"thumbprint,omitempty"`
	Fetched    time.Time  `json:"fetched,omitzero"`
	Page       *PageFacts `json:"page,omitempty"`
	Problem    string     `json:"problem,omitempty"` // why Page is missing
}

// Installer reports whether the reference is a file and not a page: it is held
// against what sites hand out, and not visited.
func (r Reference) Installer() bool { return r.SHA256 != "" }

// ErrBrand is wrapped by what Brand.Check returns.
var ErrBrand = errors.New("not a brand that can be protected")

// Check says what is missing or wrong, in one line.
func (b Brand) Check() error {
	if len(b.Domains) == 0 {
		return fmt.Errorf("%w: %q has no domain", ErrBrand, b.Name)
	}
	for _, d := range b.Domains {
		if p := d.Problem(); p != "" {
			return fmt.Errorf("%w: %s: %s", ErrBrand, d, p)
		}
	}
	return nil
}

// ID names the brand in candidates and output: its first domain.
func (b Brand) ID() string {
	if len(b.Domains) == 0 {
		return ""
	}
	return b.Domains[0].String()
}

// Owns reports whether d is one of the brand's own domains or below one.
func (b Brand) Owns(d Domain) bool {
	for _, own := range b.Domains {
		if d.Within(own) {
			return true
		}
	}
	return false
}
