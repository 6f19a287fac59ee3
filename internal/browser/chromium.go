package browser

import (
	"context"
	"fmt"
	"image"
	"net/url"
	"slices"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// Config says how pages are looked at. What is zero has its default.
type Config struct {
	Gateway *egress.Gateway
	LookUp  egress.LookUp // of names that the browser asks for
	Program string        // "": what Find finds
	Limits  Limits
}

// Limits are what one look may take.
type Limits struct {
	Total  time.Duration // of a look, whatever the page does; 20 s
	Load   time.Duration // after which the page is pictured as far as it came; 8 s
	Quiet  time.Duration // in which it asks for nothing, after which it is thought to be there; 400 ms
	Memory int64         // bytes of all the browser's processes; 1.5 GiB
	Bytes  int64         // from outside; 64 MiB
	HTML   int           // characters that are kept; 4 Mi
	Height int           // of a picture, in pixels of the page; 1600
	Looks  int           // after which a new browser is started; 50. Another visitor has another browser, too
}

func (l Limits) withDefaults() Limits {
	for p, v := range map[*time.Duration]time.Duration{&l.Total: 20 * time.Second, &l.Load: 8 * time.Second, &l.Quiet: 400 * time.Millisecond} {
		if *p == 0 {
			*p = v
		}
	}
	for p, v := range map[*int]int{&l.HTML: 4 << 20, &l.Height: 1600, &l.Looks: 50} {
		if *p == 0 {
			*p = v
		}
	}
	for p, v := range map[*int64]int64{&l.Memory: 1536 << 20, &l.Bytes: 64 << 20} {
		if *p == 0 {
			*p = v
		}
	}
	return l
}

// Chromium looks at pages, one at a time. It may be used concurrently: the others wait.
type Chromium struct {
	cfg     Config
	program string
	turn    chan struct{} // held by whoever looks, or closes

	running *process
	flags   []string // with which it was started: those of one visitor
	version string
	looks   int
	closed  bool
}

// Open finds the browser; it is started by the first look. ErrNoBrowser when there is none.
func Open(cfg Config) (*Chromium, error) {
	c := &Chromium{cfg: cfg, program: cfg.Program, turn: make(chan struct{}, 1)}
	c.cfg.Limits = cfg.Limits.withDefaults()
	if c.program == "" {
		found, err := Find()
		if err != nil {
			return nil, err
		}
		c.program = found
	}
	return c, nil
}

// Close ends the browser and waits for its last process.
func (c *Chromium) Close() error {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	c.closed = true
	return c.end()
}

func (c *Chromium) end() error {
	if c.running == nil {
		return nil
	}
	p := c.running
	c.running, c.looks = nil, 0
	return p.stop()
}

// Look is what a browser was shown.
type Look struct {
	Outcome lurehound.Outcome // Found, Blocked (our own guard refused the page, or the proxy failed), Unknown, or Skipped (no web page's URL)
	Reason  string            // why it is not Found
	Engine  string            // the real browser behind the profile: "Chromium 148.0.7778.167"
	Profile string            // by name, as whom
	Start   string            // with the advertisement's parameter, where the profile has one
	URL     string            // where the page and its scripts led
	Title   string
	HTML    []byte // the page as its scripts left it, at most Limits.HTML characters
	PNG     []byte // as the browser made it
	Width   int    // of the PNG
	Height  int
	Refused []egress.Refusal // what the page asked for and was not given, the first 64
	Denied  int              // how often in all
	// Problems are what a reader of the picture has to know: a page cut off, scripts that were ended, dialogs that were closed.
	Problems []string
	Took     time.Duration

	screen image.Point // what fills the visitor's screen, in pixels of the PNG
}

// Look shows a page to the browser as this visitor. It ends in Limits.Total and a little, or when ctx does; then, and whenever a page
// did not let go, no process of that browser is left.
func (c *Chromium) Look(ctx context.Context, as egress.Profile, link string) Look {
	began := time.Now()
	look := Look{Outcome: lurehound.Unknown, Profile: as.Name, Start: as.Entrance(link)}
	if u, err := url.Parse(link); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		look.Outcome, look.Reason = lurehound.Skipped, "not the URL of a web page"
		return look
	}
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		look.Reason = "could not look: " + context.Cause(ctx).Error()
		return look
	}
	defer func() { <-c.turn }()
	if c.closed {
		look.Reason = "could not look: the browser is closed"
		return look
	}
	if err := c.look(ctx, as, &look); err != nil {
		look.Outcome, look.Reason = lurehound.Unknown, err.Error()
	}
	look.Took = time.Since(began)
	return look
}

func (c *Chromium) look(ctx context.Context, as egress.Profile, look *Look) error {
	limits := c.cfg.Limits
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Total, fmt.Errorf("the page was not done in %s", limits.Total))
	defer cancel()
	flags := startFlags(as)
	if c.looks >= limits.Looks || !slices.Equal(c.flags, flags) || c.running != nil && isClosed(c.running.gone) {
		if err := c.end(); err != nil {
			return err
		}
	}
	if c.running == nil {
		if err := c.start(ctx, flags); err != nil {
			return fmt.Errorf("could not look: %w", err)
		}
	}
	c.looks++
	look.Engine = c.version
	way, err := c.cfg.Gateway.Browser(ctx, egress.BrowserConfig{Route: as.Route, LookUp: c.cfg.LookUp, Owner: owner(), Bytes: limits.Bytes})
	if err != nil {
		look.Outcome = lurehound.Blocked
		look.Reason = err.Error()
		return nil
	}
	v := &visit{process: c.running, limits: limits, as: as, look: look, way: way}
	healthy, err := v.run(ctx)
	way.Close()
	look.Refused, look.Denied = way.Refused()
	slices.Sort(look.Problems)
	look.Problems = slices.Compact(look.Problems)
	if !healthy {
		if failed := c.end(); failed != nil {
			look.Problems = append(look.Problems, failed.Error())
		}
	}
	return err
}

// start runs a browser and proves its sandbox.
func (c *Chromium) start(ctx context.Context, flags []string) (err error) {
	p, err := start(c.program, slices.Clone(flags))
	if err != nil {
		return fmt.Errorf("starting %s: %w", c.program, err)
	}
	defer func() {
		if err != nil {
			_ = p.stop()
		}
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, 15*time.Second, fmt.Errorf("the browser did not start in 15 s"))
	defer cancel()
	var version struct{ Product string }
	if err = p.call(ctx, "", "Browser.getVersion", nil, &version); err != nil {
		return p.complaint(err)
	}
	c.version = plainVersion(version.Product)
	// Every request of every page, frame and worker is shown to us first, and every question for a password.
	err = p.call(ctx, "", "Fetch.enable", map[string]any{"patterns": []any{map[string]string{"urlPattern": "*"}}, "handleAuthRequests": true}, nil)
	if err != nil {
		return p.complaint(err)
	}
	var target struct{ TargetID string }
	if err = p.call(ctx, "", "Target.createTarget", map[string]any{"url": "about:blank", "newWindow": true}, &target); err != nil {
		return p.complaint(err)
	}
	locked, done := context.WithTimeout(ctx, 3*time.Second)
	defer done()
	if err = p.sandboxed(locked); err != nil {
		return fmt.Errorf("the browser's sandbox does not hold: %w", err)
	}
	p.keep = target.TargetID
	if err = p.call(ctx, "", "Target.setDiscoverTargets", map[string]any{"discover": true}, nil); err != nil {
		return p.complaint(err)
	}
	c.running, c.flags = p, flags
	return nil
}
