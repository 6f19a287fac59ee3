//go:build linux

package egress

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// nobody is the user as whom a browser runs where we are root.
const nobody = 65534

// chromium runs one page to its end and gives what became of it.
func chromium(t *testing.T, link string, proxy netip.AddrPort, uid int) (dom string) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI_REQUIRE") != "1" {
		t.Skip("there is no chromium: install chromium")
	}
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--headless=new", "--user-data-dir="+filepath.Join(home, "profile"), "--proxy-server=http://"+proxy.String(),
		"--proxy-bypass-list=<-loopback>", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
		"--disable-gpu", "--disable-features=OptimizationHints,MediaRouter,LocalNetworkAccessChecks", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
		"--timeout=8000", "--dump-dom", link)
	cmd.Dir, cmd.Env = home, []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + home}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if uid != os.Getuid() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}
		if err := os.Chown(home, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind
	}
	if err != nil {
		t.Fatalf("chromium: %v\n%s", err, complaints.Bytes()[:min(complaints.Len(), 4000)])
	}
	return out.String()
}

// lure is a page that asks for names that turn inward by every means that a page has, and for addresses inside by two of them.
func lure(t *testing.T, names, hosts []string) string {
	encoded := func(list []string) string {
		b, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	return `<!doctype html><title>lure</title><body><script>
const put = (tag, url) => { const e = document.createElement(tag); e.src = url; document.body.append(e) }
const means = {
	img: url => put('img', url), script: url => put('script', url), iframe: url => put('iframe', url),
	fetch: url => fetch(url, {mode: 'no-cors'}).catch(() => {}), ws: url => new WebSocket(url.replace('http', 'ws')),
}
for (const n of ` + encoded(names) + `) { const [m, s] = n.split('.'); means[m](s + '://' + n + '/') }
for (const h of ` + encoded(hosts) + `) { means.img('http://' + h + '/'); means.fetch('https://' + h + '/') }
</script><p id=shown></p><script>document.getElementById('shown').textContent = 'the script ran'</script></body>`
}

// TestChromiumIsLedNowhereInside has a real browser load such a page, while something listens inside.
func TestChromiumIsLedNowhereInside(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	var entered atomic.Int64
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			entered.Add(1)
			c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	var names, hosts []string
	for _, m := range []string{"img", "script", "iframe", "fetch", "ws"} {
		names = append(names, m+".http.example:"+port, m+".https.example:"+port)
	}
	for _, h := range []string{"127.0.0.1", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "localhost", "a.localhost", "[::1]", "[::ffff:127.0.0.1]"} {
		hosts = append(hosts, h+":"+port)
	}
	hosts = append(hosts, "169.254.169.254", "10.0.0.1", "192.168.1.1", "[fd00:ec2::254]", "100.100.100.200")
	page := lure(t, names, hosts)
	lab := laboratory(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, page) })
	uid := os.Getuid()
	if uid == 0 {
		uid = nobody
	}
	var asked sync.Map
	b, err := New(Config{Lab: lab.dial}).Browser(t.Context(), BrowserConfig{Route: DirectName, Owner: uid, LookUp: func(_ context.Context, host string) ([]netip.Addr, error) {
		asked.Store(host, true)
		if host == "lure.example" {
			return []netip.Addr{netip.MustParseAddr("192.0.2.10")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	dom := chromium(t, "http://lure.example/", b.Addr(), uid)
	if !strings.Contains(dom, "<p id=\"shown\">the script ran</p>") {
		t.Errorf("the page did not load: %.1000s", dom)
	}
	for _, n := range names {
		if n = strings.TrimSuffix(n, ":"+port); !has(&asked, n) {
			t.Errorf("the browser did not ask for %s", n)
		}
	}
	_, refused := b.Refused()
	if want := len(names) + len(hosts); refused < want {
		t.Errorf("%d refusals, want %d or more", refused, want)
	}
	if entered.Load() != 0 || lab.strays.Load() != 0 {
		t.Errorf("%d connections to loopback, %d inside through the proxy", entered.Load(), lab.strays.Load())
	}
	t.Logf("%d refusals, %d connections inside", refused, entered.Load()+lab.strays.Load())
}

func has(m *sync.Map, key string) bool {
	_, ok := m.Load(key)
	return ok
}
