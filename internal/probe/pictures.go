package probe

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"sync"

	"lurehound"
	"lurehound/internal/browser"
	"lurehound/internal/cloak"
	"lurehound/internal/egress"
	"lurehound/internal/picture"
	"lurehound/internal/vault"
)

// Pictures looks at pages in a real browser, and keeps what it saw in the vault: PNGs that are written anew from
// their pixels, so that nothing of what the host sent is in them. It may be used concurrently; the browser looks
// at one page at a time. Its owner closes the browser.
type Pictures struct {
	browser *browser.Chromium
	vault   *vault.Vault
	clock   lurehound.Clock
	as      cloak.Space // the visitors

	mu      sync.Mutex
	genuine map[string]*genuineView // by URL and profile
}

// genuineView is a genuine page as one visitor sees it: who holds lock finds out.
type genuineView struct {
	lock   sync.Mutex
	looked bool
	img    image.Image
	facts  *lurehound.ScreenshotFacts
	why    string // there is no picture
}

// NewPictures keeps the pictures in v.
func NewPictures(b *browser.Chromium, v *vault.Vault, clock lurehound.Clock, as cloak.Space) *Pictures {
	return &Pictures{browser: b, vault: v, clock: clock, as: as, genuine: map[string]*genuineView{}}
}

// Sight is a page to look at.
type Sight struct {
	Domain  lurehound.Domain
	Profile string // by name: the visitor
	URL     string
	Genuine string // URL of the page that it resembles; "": none
}

// Look pictures a page and, where there is a genuine one, both side by side. What could not be seen is an observation too.
func (p *Pictures) Look(ctx context.Context, s Sight) lurehound.Observation {
	o := lurehound.Observation{Domain: s.Domain, Probe: "screenshot", Profile: s.Profile, At: p.clock.Now()}
	as, ok := p.as.Named(s.Profile)
	if !ok {
		o.Outcome, o.Reason = lurehound.Unknown, fmt.Sprintf("there is no visitor %.80q here", s.Profile)
		return o
	}
	look := p.browser.Look(ctx, as, s.URL)
	o.Outcome, o.Reason, o.Took = look.Outcome, look.Reason, look.Took
	if look.Outcome != lurehound.Found {
		return o
	}
	img, facts, err := p.keep(ctx, look, s.Domain.String())
	if err != nil {
		o.Outcome, o.Reason = lurehound.Unknown, err.Error()
		return o
	}
	o.Screenshot = facts
	if s.Genuine == "" {
		return o
	}
	facts.Beside, err = p.beside(ctx, s, as, img, facts)
	if err != nil {
		facts.Problems = append(facts.Problems, "there is no picture beside the genuine page: "+err.Error())
	}
	return o
}

// keep puts a look's picture into the vault.
func (p *Pictures) keep(ctx context.Context, look browser.Look, of string) (image.Image, *lurehound.ScreenshotFacts, error) {
	facts, png, err := look.Facts()
	if err != nil {
		return nil, nil, fmt.Errorf("reading the picture: %w", err)
	}
	img, err := picture.Read(png)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the picture: %w", err)
	}
	stored, err := p.vault.Put(ctx, bytes.NewReader(png), vault.Meta{Name: of + ".png", URL: facts.URL, Fetched: p.clock.Now()})
	if err != nil {
		return nil, nil, err
	}
	facts.Picture = stored.Artifact
	return img, facts, nil
}

// beside draws the genuine page and the other next to each other.
func (p *Pictures) beside(ctx context.Context, s Sight, as egress.Profile, img image.Image, facts *lurehound.ScreenshotFacts) (*lurehound.BesideFacts, error) {
	g := p.genuineAs(ctx, s.Genuine, as)
	if g.img == nil {
		return nil, fmt.Errorf("%s", g.why)
	}
	now := p.clock.Now()
	sheet, differs, err := picture.SideBySide(
		picture.Panel{Image: g.img, Host: lurehound.Defang(g.facts.URL), Profile: g.facts.Profile, At: now},
		picture.Panel{Image: img, Host: lurehound.Defang(facts.URL), Profile: facts.Profile, At: now})
	if err != nil {
		return nil, err
	}
	png, err := picture.Encode(sheet)
	if err != nil {
		return nil, err
	}
	stored, err := p.vault.Put(ctx, bytes.NewReader(png), vault.Meta{Name: s.Domain.String() + "-beside.png", URL: facts.URL, Fetched: now})
	if err != nil {
		return nil, err
	}
	return &lurehound.BesideFacts{Genuine: g.facts.URL, PHash: distance(g.facts.PHash, facts.PHash), DHash: distance(g.facts.DHash, facts.DHash),
		Differs: differs.Share, Picture: stored.Artifact}, nil
}

// genuineAs looks at a genuine page once for each visitor.
func (p *Pictures) genuineAs(ctx context.Context, url string, as egress.Profile) *genuineView {
	key := url + " " + as.Name
	p.mu.Lock()
	g := p.genuine[key]
	if g == nil {
		g = &genuineView{}
		p.genuine[key] = g
	}
	p.mu.Unlock()
	g.lock.Lock()
	defer g.lock.Unlock()
	if g.looked {
		return g
	}
	look := p.browser.Look(ctx, as, url)
	if ctx.Err() != nil { // whoever comes next looks again
		return &genuineView{why: ctx.Err().Error()}
	}
	g.looked, g.why = true, "the genuine page could not be seen: "+look.Reason
	if look.Outcome != lurehound.Found {
		return g
	}
	img, facts, err := p.keep(ctx, look, "genuine")
	if err != nil {
		g.why = "the genuine page could not be seen: " + err.Error()
		return g
	}
	g.img, g.facts = img, facts
	return g
}

// distance is how many bits of two hashes differ; nil where either is missing.
func distance(a, b string) *int {
	x, errA := picture.ParseHash(a)
	y, errB := picture.ParseHash(b)
	if errA != nil || errB != nil {
		return nil
	}
	d := x.Distance(y)
	return &d
}
