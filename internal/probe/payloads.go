package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"sync"

	"lurehound"
	"lurehound/internal/examine"
	"lurehound/internal/fetch"
	"lurehound/internal/payload"
	"lurehound/internal/vault"
)

const (
	headSize        = 64 << 10 // the headers of installers are in it
	downloadsAtOnce = 4
	childrenAtOnce  = 2 // each may take 512 MiB
	downloadTries   = 5 // of one file that breaks off
)

// Payloads looks at files: of one hunt, whoever offers them. Safe for concurrent use.
type Payloads struct {
	examiner examine.Examiner
	vault    *vault.Vault
	clock    lurehound.Clock

	downloads, children chan struct{}

	mu    sync.Mutex
	files map[string]*known        // by URL and profile
	sums  map[string]*known        // by SHA-256
	hosts map[string]chan struct{} // one download at a time from each
}

// known is facts that somebody may be about to find out: who holds lock finds them out.
type known struct {
	lock  sync.Mutex
	facts *lurehound.PayloadFacts
}

// NewPayloads takes files whole, into v; without a vault it reads the parts of them that tell type, size and signer.
func NewPayloads(x examine.Examiner, v *vault.Vault, clock lurehound.Clock) *Payloads {
	return &Payloads{examiner: x, vault: v, clock: clock,
		downloads: make(chan struct{}, downloadsAtOnce), children: make(chan struct{}, childrenAtOnce),
		files: map[string]*known{}, sums: map[string]*known{}, hosts: map[string]chan struct{}{}}
}

// entry finds or makes what is known by a key.
func (p *Payloads) entry(m map[string]*known, key string) *known {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := m[key]
	if k == nil {
		k = &known{}
		m[key] = k
	}
	return k
}

// look finds out about one file, once for each URL and profile: a site that sorts its visitors may give
// each another file. What failed is tried again by the next who asks.
func (p *Payloads) look(ctx context.Context, s *fetch.Session, profile string, f offer) (lurehound.PayloadFacts, error) {
	k := p.entry(p.files, f.url+"\x00"+profile)
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.facts != nil {
		return *k.facts, nil
	}
	get := p.parts
	if p.vault != nil {
		get = p.whole
	}
	facts, err := get(ctx, s, f)
	if err == nil && ctx.Err() == nil {
		k.facts = &facts
	}
	return facts, err
}

// turn waits for a place among the downloads, and for the host's one.
func (p *Payloads) turn(ctx context.Context, link string) (done func(), err error) {
	host := link
	if u, err := url.Parse(link); err == nil {
		host = u.Host
	}
	p.mu.Lock()
	one := p.hosts[host]
	if one == nil {
		one = make(chan struct{}, 1)
		p.hosts[host] = one
	}
	p.mu.Unlock()
	for _, c := range []chan struct{}{one, p.downloads} { // in this order: who waits for a host takes no place
		select {
		case c <- struct{}{}:
		case <-ctx.Done():
			if c == p.downloads {
				<-one
			}
			return nil, ctx.Err()
		}
	}
	return func() { <-p.downloads; <-one }, nil
}

// child waits for one of the few places of children.
func (p *Payloads) child(ctx context.Context) (done func(), err error) {
	select {
	case p.children <- struct{}{}:
		return func() { <-p.children }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// name is what the file is called: by the host, by its URL, by the page.
func (f offer) called(a fetch.Answer) string {
	if a.Name != "" {
		return a.Name
	}
	if u, err := url.Parse(a.URL); err == nil && f.name == "" {
		return path.Base(u.Path)
	}
	return f.name
}

// errWhole ends a request for a part that is answered with everything.
var errWhole = errors.New("the host sends no parts of a file")

// part asks for some bytes.
func part(ctx context.Context, s *fetch.Session, f offer, want fetch.Want) (fetch.Answer, []byte, error) {
	var b bytes.Buffer
	a, err := s.File(ctx, f.url, want, func(a fetch.Answer) (io.Writer, error) {
		if a.From != want.From {
			return nil, errWhole
		}
		return &b, nil
	})
	return a, b.Bytes(), err
}

// parts reads the beginning of a file, and its certificates where its header says that they are. No HEAD is
// sent: the answer to the first request has all that one would tell, and no browser sends one.
func (p *Payloads) parts(ctx context.Context, s *fetch.Session, f offer) (lurehound.PayloadFacts, error) {
	a, head, err := part(ctx, s, f, fetch.Want{Page: f.page, Most: headSize})
	if err != nil {
		return lurehound.PayloadFacts{}, err
	}
	size, told := a.Size, a.Size >= int64(len(head))
	if !told {
		size = int64(len(head))
	}
	done, err := p.child(ctx)
	if err != nil {
		return lurehound.PayloadFacts{}, err
	}
	defer done()
	have := []payload.Part{{At: 0, Bytes: head}}
	facts, want := p.examiner.Headers(ctx, have, size, f.called(a))
	if want.N > 0 {
		_, b, err := part(ctx, s, f, fetch.Want{Page: f.page, From: want.At, Most: min(want.N, examine.MostParts-headSize), Validator: a.Validator})
		if err == nil {
			facts, _ = p.examiner.Headers(ctx, append(have, payload.Part{At: want.At, Bytes: b}), size, f.called(a))
		} else {
			facts.Problems = append(facts.Problems, fmt.Sprintf("who signed it is not known: %v", err))
		}
	}
	switch {
	case !told && len(head) == headSize:
		facts.Problems = append(facts.Problems, "the host does not say how large it is")
	case size == int64(len(head)):
		sum := sha256.Sum256(head)
		facts.SHA256 = hex.EncodeToString(sum[:])
	}
	facts.URL = a.URL
	return facts, ctx.Err()
}

// whole brings a file into the vault, and has it taken apart there.
func (p *Payloads) whole(ctx context.Context, s *fetch.Session, f offer) (lurehound.PayloadFacts, error) {
	a, stored, err := p.download(ctx, s, f)
	if err != nil {
		return lurehound.PayloadFacts{}, err
	}
	k := p.entry(p.sums, stored.SHA256)
	k.lock.Lock()
	defer k.lock.Unlock()
	if k.facts == nil {
		done, err := p.child(ctx)
		if err != nil {
			return lurehound.PayloadFacts{}, err
		}
		facts := p.examiner.Sealed(ctx, p.vault, stored, f.called(a))
		done()
		if ctx.Err() != nil {
			return facts, ctx.Err()
		}
		k.facts = &facts
	}
	facts := *k.facts
	facts.URL, facts.Name = a.URL, f.called(a)
	if a.Encoded && a.Wire > 0 && stored.Size/a.Wire >= packedRatio {
		facts.Inflated = true
	}
	return facts, nil
}

// packedRatio is from when on a file that was packed on its way counts as padded; as in payload.
const packedRatio = 200

// download brings a file into the vault, going on where it, or an earlier hunt, broke off. What a host gives no
// version of begins anew.
func (p *Payloads) download(ctx context.Context, s *fetch.Session, f offer) (a fetch.Answer, stored vault.Stored, err error) {
	done, err := p.turn(ctx, f.url)
	if err != nil {
		return a, stored, err
	}
	defer done()
	d := &download{ctx: ctx, vault: p.vault, url: f.url}
	defer d.leave()
	for try := 1; ; try++ {
		d.again = false
		want := fetch.Want{Page: f.page, Validator: d.validator}
		if d.w != nil {
			want.From = d.w.Offset()
		}
		a, err = s.File(ctx, f.url, want, d.begin)
		switch fe := (*fetch.Error)(nil); {
		case err == nil && d.again:
		case err == nil:
			stored, err = d.w.Commit(vault.Meta{Name: f.called(a), URL: a.URL, Fetched: p.clock.Now()})
			return a, stored, err
		case !errors.As(err, &fe) || a.Read == 0 || d.validator == "" || try >= downloadTries || ctx.Err() != nil:
			return a, stored, err
		}
	}
}

// download is a file on its way into the vault.
type download struct {
	ctx       context.Context
	vault     *vault.Vault
	url       string
	validator string // "": it cannot be gone on with
	name      string // of the part in the vault
	w         *vault.Writer
	again     bool // ask for the rest of what is there
}

// begin decides where the bytes of an answer go.
func (d *download) begin(a fetch.Answer) (io.Writer, error) {
	if d.w == nil {
		d.name = d.url + "\x00once\x00" + rand.Text()
		if a.Validator != "" && !a.Encoded {
			d.validator = a.Validator
			d.name = d.url + "\x00" + a.Validator
		}
		if err := d.open(); err != nil {
			return nil, err
		}
		switch {
		case d.w.Offset() > 0 && d.w.Offset() == a.Size:
			return nil, fetch.ErrStop // all is there
		case d.w.Offset() > 0:
			d.again = true
			return nil, fetch.ErrStop
		}
	}
	if a.From != d.w.Offset() { // the host sends all anew: another version, or it knows no ranges
		d.w.Discard()
		if a.Validator != d.validator {
			d.validator = ""
			d.name = d.url + "\x00once\x00" + rand.Text()
		}
		if err := d.open(); err != nil {
			return nil, err
		}
		if d.w.Offset() != a.From {
			return nil, errWhole
		}
	}
	return d.w, nil
}

func (d *download) open() (err error) {
	d.w, err = d.vault.Resume(d.ctx, d.name)
	return err
}

// leave keeps what may be gone on with.
func (d *download) leave() {
	switch {
	case d.w == nil:
	case d.validator != "":
		_ = d.w.Suspend() // after Commit nothing is left to do; what was not kept is fetched again
	default:
		d.w.Discard()
	}
}
