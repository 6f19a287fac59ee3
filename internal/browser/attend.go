package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"
)

// maxNavigations is how often a page may lead on by itself.
const maxNavigations = 20

// state is how far the page is.
type state struct {
	left        bool      // the page that it came from
	begun       bool      // the URL was asked for
	loads       bool      // since it last led on
	stopped     bool      // the loading, with or without a page
	loaded      time.Time // when first
	moved       time.Time // when it last asked for something or led on
	navigations int
	unreachable string // where it led and the browser could not follow
	ended       string // why there is no page any more

	dialogs, windows, downloads, sends, schemes, passwords, workers int
}

func (v *visit) now() state {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.state
}

// attend answers what the browser asks on behalf of the page, with no to nearly everything.
func (v *visit) attend(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-v.events:
			if !ok {
				v.end("the browser ended while it showed the page")
				return
			}
			v.event(m)
		}
	}
}

func (v *visit) event(m message) {
	switch m.Method {
	case "Fetch.requestPaused":
		v.request(m.Params)
	case "Fetch.authRequired":
		var e struct{ RequestID string }
		_ = json.Unmarshal(m.Params, &e)
		v.count(func(s *state) { s.passwords++ })
		v.tell("", "Fetch.continueWithAuth", map[string]any{"requestId": e.RequestID, "authChallengeResponse": map[string]string{"response": "CancelAuth"}})
	case "Target.targetCreated":
		var e struct {
			TargetInfo struct{ TargetID, Type string }
		}
		_ = json.Unmarshal(m.Params, &e)
		if e.TargetInfo.Type == "page" {
			v.window(e.TargetInfo.TargetID)
		}
	case "Browser.downloadWillBegin":
		v.count(func(s *state) { s.downloads++ })
	}
	if v.session == "" || m.Session != v.session {
		return
	}
	switch m.Method {
	case "Page.javascriptDialogOpening":
		var e struct{ Type string }
		_ = json.Unmarshal(m.Params, &e)
		v.count(func(s *state) { s.dialogs++ })
		// To leave is granted, all else is refused.
		v.tell(v.session, "Page.handleJavaScriptDialog", map[string]any{"accept": e.Type == "beforeunload"})
	case "Page.loadEventFired":
		v.count(func(s *state) {
			if s.loads = s.navigations > 0; s.loads && s.loaded.IsZero() {
				s.loaded = time.Now()
			}
		})
	case "Page.frameNavigated":
		var e struct {
			Frame struct{ ParentID, URL, UnreachableURL string }
		}
		_ = json.Unmarshal(m.Params, &e)
		if e.Frame.ParentID == "" {
			v.navigated(e.Frame.URL, e.Frame.UnreachableURL)
		}
	case "Page.frameStartedLoading", "Page.frameStoppedLoading":
		var e struct{ FrameID string }
		_ = json.Unmarshal(m.Params, &e)
		starts := m.Method == "Page.frameStartedLoading"
		if e.FrameID == v.target { // a page's main frame is named as the page
			v.count(func(s *state) {
				s.stopped = !starts && s.begun // and not the page that it came from
				switch {
				case starts:
					s.loads, s.moved = false, time.Now()
				case s.navigations > 0: // also where it did not go in the end
					s.loads = true
				}
				if s.loads && s.loaded.IsZero() {
					s.loaded = time.Now()
				}
			})
		}
	case "Inspector.targetCrashed":
		v.end("the page crashed the browser's process for it")
	case "Inspector.detached":
		v.end("the page closed itself")
	}
}

// navigated notes where the page is now. What it came from is no page of its own.
func (v *visit) navigated(to, unreachable string) {
	v.count(func(s *state) {
		if s.navigations == 0 && (to == "about:blank" || to == v.as.Referrer && unreachable == "") {
			return
		}
		s.navigations, s.unreachable, s.moved = s.navigations+1, unreachable, time.Now()
	})
}

func (v *visit) count(f func(*state)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f(&v.state)
}

func (v *visit) end(why string) {
	v.count(func(s *state) {
		if s.ended == "" {
			s.ended = why
		}
	})
}

// request lets reads of the web pass, and nothing else. What is inside TLS the proxy cannot see: this is where it is held.
func (v *visit) request(params json.RawMessage) {
	var e struct {
		RequestID, ResourceType, FrameID string

		Request struct {
			URL, Method string
			Headers     map[string]string
		}
	}
	if err := json.Unmarshal(params, &e); err != nil || e.RequestID == "" {
		return
	}
	scheme := ""
	if u, err := url.Parse(e.Request.URL); err == nil {
		scheme = u.Scheme
	}
	refuse, before := false, false
	v.count(func(s *state) {
		s.moved = time.Now()
		before = v.as.Referrer != "" && !s.left
		s.begun = s.begun || !before && e.FrameID == v.target
		switch _, worker := e.Request.Headers["Service-Worker"]; {
		case e.Request.Method != "GET" && e.Request.Method != "HEAD" && e.Request.Method != "OPTIONS":
			s.sends++
			refuse = true
		case scheme != "http" && scheme != "https" && scheme != "data" && scheme != "blob":
			s.schemes++
			refuse = true
		case worker: // it would outlive the page
			s.workers++
			refuse = true
		}
	})
	if before && e.Request.URL == v.as.Referrer {
		v.tell("", "Fetch.fulfillRequest", map[string]any{"requestId": e.RequestID, "responseCode": 200,
			"responseHeaders": []any{map[string]string{"name": "Content-Type", "value": "text/html"}}, "body": []byte(antechamber)})
		return
	}
	if refuse || before {
		why := "BlockedByClient"
		if e.ResourceType == "Document" {
			why = "Aborted" // leaves the page where it is, instead of on a page of the browser's
		}
		v.tell("", "Fetch.failRequest", map[string]any{"requestId": e.RequestID, "errorReason": why})
		return
	}
	v.tell("", "Fetch.continueRequest", map[string]any{"requestId": e.RequestID})
}

// window closes a window that the page opened.
func (v *visit) window(target string) {
	v.mu.Lock()
	ours := target == v.target || target == v.keep || v.target == ""
	if !ours {
		v.state.windows++
	}
	v.mu.Unlock()
	if !ours {
		v.tell("", "Target.closeTarget", map[string]any{"targetId": target})
	}
}

// report says what the page tried and was not let.
func (v *visit) report() {
	s := v.now()
	for _, p := range []struct {
		n    int
		what string
	}{
		{s.dialogs, "%d dialogs were closed"},
		{s.windows, "%d windows were closed"},
		{s.downloads, "%d downloads were not begun"},
		{s.sends, "%d requests that send something were not made"},
		{s.schemes, "%d requests of other schemes than the web's were not made"},
		{s.passwords, "%d questions for a password got no answer"},
		{s.workers, "%d service workers were not installed"},
	} {
		if p.n > 0 {
			v.look.Problems = append(v.look.Problems, fmt.Sprintf(p.what, p.n))
		}
	}
}

func hostOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
