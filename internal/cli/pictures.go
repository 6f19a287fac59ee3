package cli

import (
	"errors"

	"lurehound/internal/browser"
	"lurehound/internal/hunt"
	"lurehound/internal/probe"
)

// pictureFlags are those of verbs that can show what a page looked like.
type pictureFlags struct {
	Screenshots bool `help:"Picture the pages of malicious and suspicious names in a sandboxed Chromium, beside the genuine page; kept in the vault."`
}

func (f *pictureFlags) check(passive bool) error {
	if f.Screenshots && passive {
		return misuse("--screenshots visits the sites in a browser, and --passive visits none: leave one of them out")
	}
	return nil
}

// pictures opens the browser, or says why there will be no pictures: everything else works without.
func (w *world) pictures(f *pictureFlags, p *payloadFlags) (pictures hunt.Pictures, problem string, err error) {
	if !f.Screenshots {
		return nil, "", nil
	}
	b, err := browser.Open(browser.Config{Gateway: w.gateway, LookUp: w.dns.Addrs})
	if errors.Is(err, browser.ErrNoBrowser) {
		return nil, "no page was pictured: " + err.Error(), nil
	}
	if err != nil {
		return nil, "", err
	}
	w.closers = append(w.closers, b.Close)
	v, err := w.openVault(p)
	if err != nil {
		return nil, "", err
	}
	return probe.NewPictures(b, v, w.clock, w.space()), "", nil
}
