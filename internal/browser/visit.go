package browser

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"sync"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// visit is one page shown to one browser, in a context that shares nothing with another.
type visit struct {
	*process
	limits Limits
	as     egress.Profile
	look   *Look
	way    *egress.Browser

	context, target, session string

	mu    sync.Mutex
	state state
}

const (
	patience = 2500 * time.Millisecond
	leaving  = 2 * time.Second
	hold     = 1500 * time.Millisecond // that scripts may keep the page to themselves while it is to be pictured
)

// run shows the page and takes the picture. A browser that is not healthy afterwards has to be ended.
func (v *visit) run(ctx context.Context) (healthy bool, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	var helpers sync.WaitGroup
	helpers.Go(func() { v.attend(ctx) })
	helpers.Go(func() { v.watch(ctx, stop) })
	err = v.open(ctx)
	if err == nil {
		err = v.show(ctx)
	}
	healthy = ctx.Err() == nil && v.leave(ctx)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	stop(nil)
	helpers.Wait()
	v.report()
	return healthy, err
}

// open makes a page that is still empty, dressed as the visitor.
func (v *visit) open(ctx context.Context) error {
	var made struct{ BrowserContextID, TargetID, SessionID string }
	err := v.call(ctx, "", "Target.createBrowserContext", map[string]any{
		"disposeOnDetach": true, "proxyServer": "http://" + v.way.Addr().String(), "proxyBypassList": "<-loopback>",
	}, &made)
	if err != nil {
		return fmt.Errorf("could not look: %w", err)
	}
	v.context = made.BrowserContextID
	d := deviceOf(v.as)
	v.look.screen = image.Pt(int(float64(d.width)*d.scale), int(float64(d.height)*d.scale))
	for _, step := range []struct {
		method string
		params map[string]any
	}{
		{"Browser.setDownloadBehavior", map[string]any{"behavior": "deny", "browserContextId": v.context, "eventsEnabled": true}},
		{"Browser.grantPermissions", map[string]any{"permissions": []string{}, "browserContextId": v.context}}, // nothing to anybody
		{"Target.createTarget", map[string]any{"url": "about:blank", "browserContextId": v.context, "newWindow": true, "width": d.width, "height": d.height}},
	} {
		if err := v.call(ctx, "", step.method, step.params, &made); err != nil {
			return fmt.Errorf("could not look: %w", err)
		}
	}
	v.mu.Lock()
	v.target = made.TargetID
	v.mu.Unlock()
	if err := v.call(ctx, "", "Target.attachToTarget", map[string]any{"targetId": v.target, "flatten": true}, &made); err != nil {
		return fmt.Errorf("could not look: %w", err)
	}
	v.mu.Lock()
	v.session = made.SessionID
	v.mu.Unlock()
	for _, step := range append([]command{{"Page.enable", nil}, {"Inspector.enable", nil}}, d.dress(v.as)...) {
		if err := v.call(ctx, v.session, step.method, step.params, nil); err != nil {
			return fmt.Errorf("could not look: %w", err)
		}
	}
	return nil
}

// show leads the page to the URL, waits until it is there, and pictures it.
func (v *visit) show(ctx context.Context) error {
	v.count(func(s *state) { s.moved = time.Now() })
	begin := v.enter
	if v.as.Referrer != "" {
		begin = v.arrive
	}
	if err := begin(ctx); err != nil {
		return v.gone(err)
	}
	if err := v.settle(ctx); err != nil {
		return err
	}
	if v.look.Outcome == lurehound.Blocked {
		return nil
	}
	return v.read(ctx)
}

// enter goes to the URL as who typed it.
func (v *visit) enter(ctx context.Context) error {
	// The answer comes when the page's first bytes do, and settle knows how long to wait for these.
	v.tell(v.session, "Page.navigate", map[string]any{"url": v.look.Start})
	return nil
}

// arrive follows a link to the URL from a page that has the referrer's address and comes from us. A referrer that is only told to the
// browser is contradicted by Sec-Fetch-Site. The page replaces the one that it came from: it must not go back there, to somebody else.
func (v *visit) arrive(ctx context.Context) error {
	front, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := v.call(front, v.session, "Page.navigate", map[string]any{"url": v.as.Referrer}, nil); err != nil {
		return err
	}
	v.count(func(s *state) { s.left, s.moved = true, time.Now() })
	link, err := json.Marshal(v.look.Start)
	if err != nil {
		return err
	}
	return v.call(front, v.session, "Runtime.evaluate", map[string]any{"expression": "location.replace(" + string(link) + ")", "userGesture": true}, nil)
}

// antechamber is the page that arrive starts from. It asks for nothing, and tells its origin everywhere, as search engines do.
const antechamber = `<!DOCTYPE html><meta name="referrer" content="origin"><link rel="icon" href="data:,">`

// failed is what a URL that could not be shown means: our own refusal of it is none of the page's doing.
func (v *visit) failed(link, why string) error {
	refused, _ := v.way.Refused()
	host := hostOf(link)
	for _, r := range refused {
		if to := strings.Trim(r.To, `"`); host != "" && (to == host || strings.HasPrefix(strings.Trim(to, "["), host)) {
			v.look.Outcome, v.look.Reason = lurehound.Blocked, r.Why
			return nil
		}
	}
	return errors.New(why)
}

// gone says why a command failed: of a page that has ended, rather than of the command.
func (v *visit) gone(err error) error {
	if s := v.now(); s.ended != "" {
		return errors.New(s.ended)
	}
	return err
}

// settle waits until the page has loaded and asked for nothing in a while. A page that goes on for ever is taken as it is.
func (v *visit) settle(ctx context.Context) error {
	deadline := time.Now().Add(v.limits.Load)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-v.process.gone:
			return v.gone(errLost)
		case now := <-tick.C:
			s := v.now()
			switch {
			case s.ended != "":
				return errors.New(s.ended)
			case s.navigations == 0 && s.downloads > 0:
				return errors.New("a download, not a page")
			case s.navigations == 0 && s.stopped && now.Sub(s.moved) >= 3*v.limits.Quiet: // a download is told late
				return v.failed(v.look.Start, "the address gave no page")
			case s.navigations == 0 && now.After(deadline):
				return v.failed(v.look.Start, fmt.Sprintf("no answer in %s", v.limits.Load))
			case s.loads && now.Sub(s.moved) >= v.limits.Quiet || s.loads && now.Sub(s.loaded) >= patience:
				return nil
			case now.After(deadline), s.navigations > maxNavigations:
				v.problem("the page was still loading when it was pictured")
				v.tell(v.session, "Page.stopLoading", nil)
				return nil
			}
		}
	}
}

// read takes the page's text and its picture. Scripts that hold the page are ended, and then it is tried again.
func (v *visit) read(ctx context.Context) error {
	var err error
	for try := range 3 {
		if try > 0 {
			v.tell(v.session, "Runtime.terminateExecution", nil)
			v.tell(v.session, "Page.stopLoading", nil)
		}
		asked, cancel := context.WithTimeoutCause(ctx, hold, errHeld)
		err = v.take(asked)
		cancel()
		if errors.Is(err, errHeld) {
			v.problem("scripts that did not end were ended before the picture")
		}
		if err == nil || ctx.Err() != nil || isClosed(v.process.gone) || v.now().ended != "" {
			break
		}
	}
	if err != nil {
		return v.gone(fmt.Errorf("the page could not be pictured: %w", err))
	}
	if s := v.now(); s.unreachable != "" {
		why := "the browser says " + cmp.Or(errorOf(v.look.HTML), "that it could not load it")
		if s.unreachable != v.look.Start {
			why = fmt.Sprintf("it leads to %.200q, of which %s", s.unreachable, why)
		}
		v.look.URL, v.look.PNG, v.look.HTML, v.look.Title, v.look.Width, v.look.Height = s.unreachable, nil, nil, "", 0, 0
		return v.failed(s.unreachable, why)
	}
	v.look.Outcome = lurehound.Found
	return nil
}

// errorOf is what went wrong, as the browser's own page in place of the one asked for names it.
func errorOf(html []byte) string {
	_, after, _ := bytes.Cut(html, []byte(`"errorCode":"`))
	code, _, ok := bytes.Cut(after, []byte(`"`))
	if !ok || len(code) > 60 || !bytes.HasPrefix(code, []byte("ERR_")) {
		return ""
	}
	return string(code)
}

var errHeld = errors.New("its scripts do not let go of it")

// Asked in a world of our own, where the page has replaced nothing.
const question = `(() => {
	const e = document.documentElement, b = document.body, d = document.doctype;
	const html = (d ? "<!DOCTYPE " + d.name + ">\n" : "") + (e ? e.outerHTML : "");
	return {url: location.href.slice(0, 8192), title: document.title.slice(0, 1024), cut: html.length > LIMIT, html: html.slice(0, LIMIT),
		width: innerWidth, height: Math.max(innerHeight, e ? e.scrollHeight : 0, b ? b.scrollHeight : 0)};
})()`

func (v *visit) take(ctx context.Context) error {
	var world struct{ ExecutionContextID int64 }
	if err := v.call(ctx, v.session, "Page.createIsolatedWorld", map[string]any{"frameId": v.target, "worldName": "reader"}, &world); err != nil {
		return err
	}
	var said struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	err := v.call(ctx, v.session, "Runtime.evaluate", map[string]any{
		"expression": strings.ReplaceAll(question, "LIMIT", fmt.Sprint(v.limits.HTML)), "contextId": world.ExecutionContextID, "returnByValue": true, "silent": true,
	}, &said)
	if err != nil {
		return err
	}
	var page struct {
		URL, Title, HTML string
		Cut              bool
		Width, Height    int
	}
	if err := json.Unmarshal(said.Result.Value, &page); err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	if page.Width <= 0 || page.Width > maxWidth {
		return fmt.Errorf("a page %d pixels wide", page.Width)
	}
	height := min(max(page.Height, 1), v.limits.Height)
	var shot struct{ Data []byte }
	err = v.call(ctx, v.session, "Page.captureScreenshot", map[string]any{
		"format": "png", "captureBeyondViewport": true, "optimizeForSpeed": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": page.Width, "height": height, "scale": 1},
	}, &shot)
	if err != nil {
		return err
	}
	size, err := png.DecodeConfig(bytes.NewReader(shot.Data))
	if err != nil {
		return fmt.Errorf("reading the picture: %w", err)
	}
	v.look.URL, v.look.Title, v.look.HTML = page.URL, page.Title, []byte(page.HTML)
	v.look.PNG, v.look.Width, v.look.Height = shot.Data, size.Width, size.Height
	if page.Cut {
		v.problem(fmt.Sprintf("the page's text ends after %d characters", v.limits.HTML))
	}
	if page.Height > height {
		v.problem(fmt.Sprintf("the picture ends at %d of %d pixels", height, page.Height))
	}
	return nil
}

// leave throws the context away with all that is in it. It says whether the browser did.
func (v *visit) leave(ctx context.Context) bool {
	if v.context == "" || isClosed(v.process.gone) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, leaving)
	defer cancel()
	return v.call(ctx, "", "Target.disposeBrowserContext", map[string]any{"browserContextId": v.context}, nil) == nil
}

// watch ends the visit when the browser takes too much memory.
func (v *visit) watch(ctx context.Context, stop context.CancelCauseFunc) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if n := v.resident(); n > v.limits.Memory {
				stop(fmt.Errorf("the page took %d MiB of memory, more than %d", n>>20, v.limits.Memory>>20))
				return
			}
		}
	}
}

func (v *visit) problem(what string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.look.Problems = append(v.look.Problems, what)
}
