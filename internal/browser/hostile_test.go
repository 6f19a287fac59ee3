//go:build linux

package browser

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
)

// hostile is one page that wants something of the browser.
type hostile struct {
	name    string
	body    string // of the page at /; %PORT% is the forbidden port
	want    lurehound.Outcome
	reason  string // in the reason
	problem string // in one of the problems
	html    string // in the page
	typed   bool   // come to as who typed it
	races   bool   // against the clock: on a slow machine the look ends before, or after, the page has what it wants
}

var hostiles = []hostile{
	{name: "redirect", want: lurehound.Blocked}, // by a header, see serve
	{name: "script-inward", body: `<script>location = "http://in.lure.example:%PORT%/"</script>`, want: lurehound.Blocked},
	{name: "script-loopback", body: `<script>setTimeout(() => location = "http://127.0.0.1:%PORT%/", 100)</script>`, want: lurehound.Blocked},
	{name: "websocket", body: `<script>for (const h of ["127.0.0.1", "[::1]", "localhost", "in.lure.example"]) for (const s of ["ws", "wss"]) try { new WebSocket(s + "://" + h + ":%PORT%/") } catch {}
		</script>shown`, want: lurehound.Found, html: "shown"},
	{name: "webrtc", body: `<script>const p = new RTCPeerConnection({iceServers: ["127.0.0.1", "[::1]", "in.lure.example", "192.0.2.1"].flatMap(h => [{urls: "stun:" + h + ":%PORT%"},
		{urls: "turn:" + h + ":%PORT%?transport=tcp", username: "a", credential: "b"}])}); p.createDataChannel("x"); p.createOffer().then(o => p.setLocalDescription(o));
		p.onicecandidate = e => e.candidate && document.body.append("candidate " + e.candidate.candidate)</script>shown`, want: lurehound.Found, html: "shown"},
	{name: "fetch", body: `<script>for (const u of ["http://127.0.0.1:%PORT%/", "https://127.0.0.1:%PORT%/", "http://[::1]:%PORT%/", "http://localhost:%PORT%/", "http://0:%PORT%/", "http://169.254.169.254/"]) {
		fetch(u, {mode: "no-cors"}).catch(() => 0); new Image().src = u; const f = document.createElement("iframe"); f.src = u; document.documentElement.append(f) }
		new EventSource("http://127.0.0.1:%PORT%/"); navigator.sendBeacon("http://127.0.0.1:%PORT%/", "x")</script>shown`, want: lurehound.Found, html: "shown", problem: "send something"},
	{name: "prefetch", body: `<link rel="dns-prefetch" href="//canary.invalid"><link rel="preconnect" href="http://127.0.0.1:%PORT%"><link rel="prefetch" href="http://127.0.0.1:%PORT%/a">
		<link rel="prerender" href="http://127.0.0.1:%PORT%/b"><script type="speculationrules">{"prerender": [{"urls": ["http://127.0.0.1:%PORT%/c"]}]}</script>shown`, want: lurehound.Found, html: "shown"},
	{name: "download", body: `<iframe src="/file"></iframe><a id="a" href="/file" download="x.exe"></a><script>for (let i = 0; i < 20; i++) document.getElementById("a").click()</script>shown`,
		want: lurehound.Found, html: "shown", problem: "downloads were not begun"},
	{name: "download-only", want: lurehound.Unknown, reason: "a download, not a page"},
	{name: "nothing", want: lurehound.Unknown, reason: "the address gave no page"},
	{name: "nothing-typed", want: lurehound.Unknown, reason: "the address gave no page", typed: true},
	{name: "print", body: `<script>for (let i = 0; i < 10; i++) print()</script>shown`, want: lurehound.Found, html: "shown"},
	{name: "alerts", body: `shown<script>for (;;) { alert("a".repeat(1e6)); confirm(1); prompt(2) }</script>`, want: lurehound.Found, html: "shown", problem: "dialogs were closed", races: true},
	{name: "leaving", body: `shown<script>onbeforeunload = e => { e.preventDefault(); return "stay" }; setTimeout(() => location = "/next", 50)</script>`, want: lurehound.Found, html: "next page"},
	{name: "tabs", body: `shown<form id="f" target="_blank" action="/next"></form><script>for (let i = 0; i < 1000; i++) { open("/next?" + i); if (i < 50) document.getElementById("f").submit() }</script>`,
		want: lurehound.Found, html: "shown", races: true},
	{name: "script", body: `shown<script>for (;;);</script>`, want: lurehound.Found, html: "shown", problem: "scripts that did not end", races: true},
	{name: "late-script", body: `shown<script>setTimeout(() => { for (;;); }, 50)</script>`, want: lurehound.Found, html: "shown", problem: "scripts that did not end", races: true},
	{name: "memory", body: `shown<script>const all = []; for (let i = 0; i < 4096; i++) all.push(new Uint8Array(1 << 20).fill(i))</script>`, want: lurehound.Unknown, races: true},
	{name: "heap", body: `shown<script>const all = []; for (;;) all.push(new Array(1e5).fill(all.length + .5))</script>`, want: lurehound.Unknown, races: true},
	{name: "worker", body: `<script>navigator.serviceWorker.register("/worker.js").then(() => document.body.append("INSTALLED"), () => document.body.append("not installed"))</script>`,
		want: lurehound.Found, html: "not installed", problem: "service workers were not installed"},
	{name: "permissions", body: `<script>const say = t => document.body.append(" " + t); navigator.geolocation.getCurrentPosition(() => say("LOCATED"), e => say("located: no"));
		Notification.requestPermission().then(p => say("notify: " + p)); navigator.mediaDevices.getUserMedia({video: true, audio: true}).then(() => say("SEEN"), () => say("camera: no"));
		navigator.clipboard.readText().then(() => say("PASTED"), () => say("clipboard: no"))</script>`, want: lurehound.Found, html: "camera: no"},
	{name: "files", body: `shown<iframe src="file:///etc/passwd"></iframe><iframe src="chrome://version"></iframe><iframe src="view-source:file:///etc/passwd"></iframe><a id="a" href="chrome://crash">x</a><script>
		document.getElementById("a").click(); fetch("file:///etc/passwd").catch(() => 0); setTimeout(() => location = "file:///etc/passwd", 30); setTimeout(() => location = "chrome://kill", 60)</script>`,
		want: lurehound.Found, html: "shown"},
	{name: "schemes", body: `shown<iframe src="ms-settings:x"></iframe><script>for (const s of ["mailto:a@b.example", "tel:1", "intent://x#Intent;end", "search-ms:query=x", "ssh://127.0.0.1:%PORT%", "ftp://127.0.0.1:%PORT%/"])
		setTimeout(() => location = s, 20)</script>`, want: lurehound.Found, html: "shown"},
	{name: "webgl", body: `<canvas id="c"></canvas><script>document.body.append("webgl: " + document.getElementById("c").getContext("webgl"), " gpu: " + navigator.gpu)</script>`, want: lurehound.Found, html: "webgl: null"},
	{name: "full-screen", body: `shown<script>document.documentElement.requestFullscreen().catch(() => 0); document.documentElement.requestPointerLock()</script>`, want: lurehound.Found, html: "shown"},
	{name: "canvas", body: `shown<script>for (let i = 0; i < 60; i++) { const c = document.createElement("canvas"); c.width = c.height = 16000; const x = c.getContext("2d"); x.fillRect(0, 0, 16000, 16000);
		document.body.append(c); x.getImageData(0, 0, 8000, 8000) }</script>`, races: true},
	{name: "media", body: `shown<audio autoplay loop src="/sound"></audio><video autoplay src="/sound"></video><script>new AudioContext().createOscillator().start()</script>`, want: lurehound.Found, html: "shown"},
	{name: "password", want: lurehound.Found, html: "log in", problem: "questions for a password"},
	{name: "certificate", want: lurehound.Unknown, reason: "ERR_"},
	{name: "title", body: "<title>\x1b[31mred\u202e" + `</title><script>document.title += "x".repeat(1e6)</script>shown`, want: lurehound.Found, html: "shown"},
	{name: "form", body: `shown<form id="f" method="post" action="/sent"><input name="a" value="b"></form><script>document.getElementById("f").submit(); fetch("/sent", {method: "POST", body: "x"}).catch(() => 0);
		navigator.sendBeacon("/sent", "x"); fetch("/sent", {method: "PUT", keepalive: true}).catch(() => 0); const x = new XMLHttpRequest(); x.open("DELETE", "/sent"); x.send()</script>`,
		want: lurehound.Found, html: "shown", problem: "send something"},
	{name: "form-in-frame", body: `shown<iframe src="https://other.example/form"></iframe><script>new Worker(URL.createObjectURL(new Blob(["fetch('https://form.example/sent', {method: 'POST', body: 'x'})"])))</script>`,
		want: lurehound.Found, html: "shown", problem: "send something"},
	{name: "close", body: `shown<script>close(); setTimeout(() => { history.go(-1); close() }, 50)</script>`},
	{name: "console", body: `shown<script>for (let i = 0; i < 1e5; i++) console.log("x".repeat(1e4))</script>`, want: lurehound.Found, html: "shown", races: true},
	{name: "navigates", body: `shown<script>setTimeout(() => location = "/?" + Math.random(), 1)</script>`, want: lurehound.Found, problem: "still loading", races: true},
	{name: "frames", body: `shown<script>for (let i = 0; i < 300; i++) { const f = document.createElement("iframe"); f.src = "https://f" + i % 40 + ".example/next"; document.documentElement.append(f) }</script>`, races: true},
	{name: "long", body: `shown<script>const d = document.createElement("div"); d.hidden = true; d.append("y".repeat(5e6)); document.body.append(d); document.body.style.height = "1e7px"</script>`, want: lurehound.Found, problem: "text ends after", races: true},
}

func serveHostile(port string) http.HandlerFunc {
	pages := map[string]string{}
	for _, h := range hostiles {
		pages[h.name+".example"] = strings.ReplaceAll(h.body, "%PORT%", port)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/next":
			fmt.Fprint(w, "next page")
		case r.URL.Path == "/form":
			fmt.Fprint(w, `<form id="f" method="post" action="/sent"></form><script>document.getElementById("f").submit(); fetch("/sent", {method: "POST"})</script>`)
		case r.URL.Path == "/file", r.Host == "download-only.example":
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", "attachment; filename=x.exe")
			fmt.Fprint(w, "MZ")
		case r.URL.Path == "/worker.js":
			w.Header().Set("Content-Type", "text/javascript")
		case strings.HasPrefix(r.Host, "nothing"):
			w.WriteHeader(http.StatusNoContent)
		case r.Host == "redirect.example":
			http.Redirect(w, r, "http://127.0.0.1:"+port+"/", http.StatusFound)
		case r.Host == "password.example":
			w.Header().Set("WWW-Authenticate", `Basic realm="your password"`)
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, "log in")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<!DOCTYPE html><body>%s</body>", pages[r.Host])
		}
	}
}

// forbidden listens inside, and counts who comes.
type forbidden struct {
	port    string
	entered atomic.Int64
}

func newForbidden(t *testing.T) *forbidden {
	t.Helper()
	f := &forbidden{}
	var closing []func() error
	var serving sync.WaitGroup
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, f.port, _ = net.SplitHostPort(l.Addr().String())
	listeners := []net.Listener{l}
	if l, err := net.Listen("tcp", "[::1]:"+f.port); err == nil {
		listeners = append(listeners, l)
	}
	for _, l := range listeners {
		closing = append(closing, l.Close)
		serving.Go(func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				f.entered.Add(1)
				_ = c.Close()
			}
		})
	}
	if u, err := net.ListenPacket("udp", "127.0.0.1:"+f.port); err == nil {
		closing = append(closing, u.Close)
		serving.Go(func() {
			for {
				if _, _, err := u.ReadFrom(make([]byte, 1)); err != nil {
					return
				}
				f.entered.Add(1)
			}
		})
	}
	t.Cleanup(func() {
		for _, c := range closing {
			_ = c()
		}
		serving.Wait()
	})
	return f
}

// sockets are the peers of the browser's sockets, "tcp 127.0.0.1:4711": of all its processes, as the kernel lists them.
func sockets(leader int) []string {
	inodes := map[string]bool{}
	for _, m := range family(leader) {
		links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", m.pid))
		for _, l := range links {
			if to, err := os.Readlink(l); err == nil {
				if n, ok := strings.CutPrefix(to, "socket:["); ok {
					inodes[strings.TrimSuffix(n, "]")] = true
				}
			}
		}
	}
	var peers []string
	for _, kind := range []string{"tcp", "tcp6", "udp", "udp6", "raw", "raw6"} {
		list, _ := os.ReadFile("/proc/self/net/" + kind)
		for line := range strings.Lines(string(list)) {
			if f := strings.Fields(line); len(f) > 9 && inodes[f[9]] {
				peer := kind + " " + kernelPeer(f[2])
				if strings.HasSuffix(f[1], ":14E9") { // port 5353
					peer += " for names of the local network"
				}
				peers = append(peers, peer)
			}
		}
	}
	return peers
}

// kernelPeer reads an IPv4 address as the kernel prints it; what is longer is given as it is.
func kernelPeer(s string) string {
	host, port, _ := strings.Cut(s, ":")
	n, err := strconv.ParseUint(host, 16, 32)
	p, err2 := strconv.ParseUint(port, 16, 16)
	if strings.Trim(s, "0") == ":" {
		return "0.0.0.0:0"
	}
	if err != nil || err2 != nil {
		return s
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}), uint16(p)).String()
}

// TestHostilePages shows them all to two browsers, while their sockets are watched.
func TestHostilePages(t *testing.T) {
	for half := range 2 {
		var pages []hostile
		for i, h := range hostiles {
			if i%2 == half {
				pages = append(pages, h)
			}
		}
		t.Run(fmt.Sprint(half+1), func(t *testing.T) {
			t.Parallel()
			showHostile(t, pages)
		})
	}
}

// watched counts the peers of one browser's sockets after another.
type watched struct {
	leader atomic.Int64
	peers  map[string]int
}

func (w *watched) run(ctx context.Context) {
	for ctx.Err() == nil {
		if pid := int(w.leader.Load()); pid != 0 {
			for _, p := range sockets(pid) {
				w.peers[p]++
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func showHostile(t *testing.T, pages []hostile) {
	inner := newForbidden(t)
	w := newWeb(t, serveHostile(inner.port), "certificate.example")
	c := w.open(t, Limits{Total: 12 * time.Second, Load: 1500 * time.Millisecond, Quiet: 250 * time.Millisecond, Memory: 1 << 30})
	watch := &watched{peers: map[string]int{}}
	ctx, stop := context.WithCancel(t.Context())
	var watching sync.WaitGroup
	watching.Go(func() { watch.run(ctx) })
	typed, err := egress.NewProfile(egress.Direct(), "chrome-windows", "en-US", egress.Typed)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range pages {
		as := egress.DefaultProfile()
		if h.typed {
			as = typed
		}
		if c.running != nil {
			watch.leader.Store(int64(c.running.cmd.Process.Pid))
		}
		look := c.Look(t.Context(), as, "https://"+h.name+".example/")
		t.Logf("%-16s %-8s %6s %s %q %d refused", h.name, look.Outcome, look.Took.Round(time.Millisecond), look.Reason, look.Problems, look.Denied)
		h.check(t, look)
		if look.Took > 15*time.Second {
			t.Errorf("%s took %s", h.name, look.Took)
		}
	}
	stop()
	watching.Wait()
	if n := inner.entered.Load(); n != 0 {
		t.Errorf("%d connections inside", n)
	}
	for _, r := range w.asked() {
		if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.Path == "/worker.js" {
			t.Errorf("%s %s%s was sent", r.Method, r.Host, r.URL)
		}
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s was told a password", r.Host)
		}
	}
	watch.check(t, inner.port)
}

// check wants all sockets to lead to proxies.
func (w *watched) check(t *testing.T, inner string) {
	t.Helper()
	proxies, idle := 0, 0
	for p, n := range w.peers {
		at, ok := strings.CutPrefix(p, "tcp 127.0.0.1:")
		switch {
		case ok && at != inner:
			proxies++
		case strings.HasPrefix(p, "udp") && strings.HasSuffix(p, " 0.0.0.0:0"):
			idle++ // WebRTC opens them; TestNothingIsSent shows that they stay idle
		default:
			t.Errorf("a socket to %s, seen %d times", p, n)
		}
	}
	if proxies < 10 {
		t.Errorf("only %d proxies were seen in use", proxies)
	}
	t.Logf("%d proxies, no other peers", proxies)
}

func (h hostile) check(t *testing.T, look Look) {
	t.Helper()
	if h.races && look.Outcome != h.want && (look.Outcome == lurehound.Found || look.Outcome == lurehound.Unknown) {
		h.want, h.reason, h.problem, h.html = look.Outcome, "", "", ""
	}
	if h.want != "" && look.Outcome != h.want || !strings.Contains(look.Reason, h.reason) {
		t.Errorf("%s: %s (%s), want %s (%s)", h.name, look.Outcome, look.Reason, h.want, h.reason)
	}
	if look.Outcome != lurehound.Found && (look.Reason == "" || look.PNG != nil) {
		t.Errorf("%s: %s for no reason, or with a picture", h.name, look.Outcome)
	}
	if look.Outcome == lurehound.Found {
		if _, _, err := look.Facts(); err != nil {
			t.Errorf("%s: %v", h.name, err)
		}
	}
	if !strings.Contains(string(look.HTML), h.html) || strings.Contains(string(look.HTML), "root:") || len(look.Title) > 4096 {
		t.Errorf("%s: the page is %.300q, want %q in it", h.name, look.HTML, h.html)
	}
	if !strings.Contains(strings.Join(look.Problems, "\n"), h.problem) {
		t.Errorf("%s: problems %q, want %q", h.name, look.Problems, h.problem)
	}
	for _, never := range []string{"INSTALLED", "LOCATED", "SEEN", "PASTED", "candidate candidate"} {
		body := string(look.HTML)
		if i := strings.LastIndex(body, "</script>"); i >= 0 && strings.Contains(body[i:], never) {
			t.Errorf("%s: %s", h.name, body[i:])
		}
	}
}
