package lab

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"context"
)

// browserOf is a real HTTP client whose names and connections are the lab's.
func browserOf(t testing.TB, l *Lab, dial func(context.Context, string, string) (net.Conn, error)) *http.Client {
	t.Helper()
	if dial == nil {
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			ips, err := resolverOf(l).LookupIP(ctx, "ip4", host)
			if err != nil {
				return nil, err
			}
			return l.Dial(ctx, network, net.JoinHostPort(ips[0].String(), port))
		}
	}
	tr := &http.Transport{
		DialContext:       dial,
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: l.Roots(), Time: l.Clock().Now},
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// resolverOf is the standard library's DNS client over the lab.
func resolverOf(l *Lab) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return l.Dial(ctx, network, l.Resolvers()[0].String())
	}}
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func send(t testing.TB, c *http.Client, method, target string, header ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, b}
}

func TestSites(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	for _, tt := range []struct {
		url    string
		status int
		want   string // in the body, or the target of a redirect
	}{
		{"http://microdicom.com/a?b=c", 301, "https://microdicom.com/a?b=c"},
		{"https://microdicom.com/", 200, "MicroDicom DICOM Viewer"},
		{"https://www.microdicom.com/downloads.html", 200, "/downloads/MicroDicom-2024.2-x64.exe"},
		{"https://www.microdicom.com/features.html", 200, "Hounsfield"},
		{"https://www.microdicom.com/nothing.html", 404, "Page not found"},
		{"https://www.microdicom.com/_menu.html", 404, "Page not found"},
		{"https://www.microdicom.com/css/site.css", 200, ".hero"},
		{"http://mlcrodicom.info/", 200, "https://mlcrodicom.info/"},
		{"https://www.microdlcom.info/downloads.html", 200, "/files/MicroDicom-2024-Setup-x64.exe"},
		{"https://mlcrodlcom.info/", 200, "MicroDicom DICOM Viewer"},
		{"https://microdicom-viewer.com/", 404, "404 Not Found"},
		{"https://microdicom-viewer.com/get/MicroDicom-Viewer-Setup.exe", 404, "404 Not Found"},
		{"http://microdicom.net/any/path", 200, "for sale"},
		{"https://micrdicom.com/", 403, "suspected phishing"},
		{"https://microdico.com/", 200, "Small plates"},
		{"http://www.advanced-ip-scanner.com/", 301, "https://www.advanced-ip-scanner.com/"},
		{"https://www.advanced-ip-scanner.com/", 200, "/download/Advanced_IP_Scanner_2.5.exe"},
		{"https://advanced-ip-scanner.com/help.html", 200, "another range"},
		{"https://advanced-ip-scaner.online/", 200, "/get/Advanced_IP_Scanner_Setup.msi"},
		{"https://advanced-ip-scaner.online/nothing", 404, "Not found"},
		{"http://whatever.ws/", 200, "There is no site here yet"},
	} {
		got := send(t, c, "GET", tt.url)
		text := string(got.body)
		if tt.status == 301 {
			text = got.header.Get("Location")
		}
		if got.status != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %d, want %d and %q in\n%.300s", tt.url, got.status, tt.status, tt.want, text)
		}
		if got.header.Get("Date") != "Mon, 15 Jul 2024 09:00:00 GMT" {
			t.Errorf("%s: dated %s", tt.url, got.header.Get("Date"))
		}
	}
}

// The genuine pages are rich enough to be compared with, and the clones differ
// from them in names and the download only.
func TestClones(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	for _, tt := range []struct {
		genuine     string
		tags, words int
		clones      []string
		offers      *strings.Replacer // of the clones' start pages
	}{
		{"www.microdicom.com", 150, 300, []string{"mlcrodicom.info", "microdlcom.info", "mlcrodlcom.info"}, strings.NewReplacer()},
		{"www.advanced-ip-scanner.com", 60, 200, []string{"advanced-ip-scaner.online"},
			strings.NewReplacer("/get/Advanced_IP_Scanner_Setup.msi", "/download/Advanced_IP_Scanner_2.5.exe")},
	} {
		genuine := send(t, c, "GET", "https://"+tt.genuine+"/").body
		doc, err := goquery.NewDocumentFromReader(bytes.NewReader(genuine))
		if err != nil {
			t.Fatal(err)
		}
		words := len(strings.Fields(doc.Find("body").Text()))
		if tags := doc.Find("*").Length(); tags < tt.tags || words < tt.words {
			t.Errorf("%s: %d elements, %d words", tt.genuine, tags, words)
		}
		icon := send(t, c, "GET", "https://"+tt.genuine+"/favicon.ico").body
		if len(icon) < 100 {
			t.Errorf("%s: favicon of %d octets", tt.genuine, len(icon))
		}
		for _, name := range tt.clones {
			clone := send(t, c, "GET", "https://"+name+"/").body
			back := tt.offers.Replace(strings.ReplaceAll(string(clone), "https://"+name+"/", "https://"+tt.genuine+"/"))
			if d := cmp.Diff(string(genuine), back); d != "" {
				t.Errorf("%s: %s", name, d)
			}
			if got := send(t, c, "GET", "https://"+name+"/favicon.ico").body; !bytes.Equal(got, icon) {
				t.Errorf("%s has another favicon", name)
			}
		}
	}
}

func TestCertificates(t *testing.T) {
	var first []string
	for range 2 {
		l := openLab(t)
		var raws []string
		keys := map[string]string{}
		for _, name := range []string{"mlcrodicom.info", "www.mlcrodicom.info", "microdlcom.info", "microdicom.com", "isc.sans.edu", "stranger.example"} {
			addr := "203.0.113.66:443"
			switch name {
			case "microdicom.com":
				addr = "198.51.100.20:443"
			case "isc.sans.edu":
				addr = "192.0.2.150:443"
			}
			conn := tls.Client(dialLab(t, l, "tcp", addr), &tls.Config{
				ServerName: name, RootCAs: l.Roots(), Time: l.Clock().Now, InsecureSkipVerify: name == "stranger.example",
			})
			if err := conn.HandshakeContext(t.Context()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			leaf := conn.ConnectionState().PeerCertificates[0]
			raws = append(raws, hex.EncodeToString(leaf.Raw))
			keys[string(leaf.RawSubjectPublicKeyInfo)] = leaf.Subject.CommonName
			_ = conn.Close() // the test is over with it
		}
		if len(keys) != 4 {
			t.Errorf("keys of %v: want one for each site", keys)
		}
		if first == nil {
			first = raws
		}
		if d := cmp.Diff(first, raws); d != "" {
			t.Errorf("another run shows other certificates\n%s", d)
		}
	}
}

// Whole, in ranges, by HEAD and twice: the same bytes.
func TestInstallers(t *testing.T) {
	file, _ := openFile(t, "genuine")
	l := openLab(t)
	c := browserOf(t, l, nil)
	const genuine = "https://www.microdicom.com/downloads/MicroDicom-2024.2-x64.exe"
	whole := send(t, c, "GET", genuine)
	if len(whole.body) != 11534336 || whole.header.Get("Content-Length") != "11534336" {
		t.Errorf("%d octets, Content-Length %s", len(whole.body), whole.header.Get("Content-Length"))
	}
	if sum := sha256.Sum256(whole.body); hex.EncodeToString(sum[:]) != file.SHA256 {
		t.Errorf("genuine: SHA-256 %x, want %s", sum, file.SHA256)
	}
	head := send(t, c, "HEAD", genuine)
	if head.status != 200 || len(head.body) != 0 || head.header.Get("Content-Length") != "11534336" || head.header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("HEAD: %+v", head)
	}
	for _, tt := range []struct {
		value    string
		from, to int
	}{{"bytes=0-1", 0, 2}, {"bytes=500-600", 500, 601}, {"bytes=511-511", 511, 512}, {"bytes=4097-9999", 4097, 10000}, {"bytes=-13", 11534336 - 13, 11534336}} {
		part := send(t, c, "GET", genuine, "Range", tt.value)
		if part.status != 206 || !bytes.Equal(part.body, whole.body[tt.from:tt.to]) {
			t.Errorf("%s: %d, %d octets that differ", tt.value, part.status, len(part.body))
		}
	}
	if part := send(t, c, "GET", genuine, "Range", "bytes=99999999-"); part.status != 416 {
		t.Errorf("a range behind the end: %d", part.status)
	}
}

func TestFakeInstallerIsOne(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	f, size, err := Installer("fake")
	if err != nil {
		t.Fatal(err)
	}
	if size != 187695104 {
		t.Fatalf("%d octets", size)
	}
	tail := make([]byte, 65536)
	if _, err := f.ReadAt(tail, size-65536); err != nil {
		t.Fatal(err)
	}
	// Served: the same length and the same end is enough to know it by.
	for _, name := range []string{"mlcrodicom.info", "microdlcom.info", "mlcrodlcom.info"} {
		part := send(t, c, "GET", "https://"+name+"/files/MicroDicom-2024-Setup-x64.exe", "Range", "bytes=-65536")
		if got := part.header.Get("Content-Range"); got != "bytes 187629568-187695103/187695104" {
			t.Errorf("%s: Content-Range %s", name, got)
		}
		if !bytes.Equal(part.body, tail) {
			t.Errorf("%s serves another file", name)
		}
	}
}

// The hiding site shows itself through proxies in other countries, and the
// site sees the proxy's address.
func TestProxies(t *testing.T) {
	l := openLab(t)
	ps := l.Proxies()
	if len(ps) != 2 || ps[0].Name != "us-socks5" || ps[1].Name != "gb-http" {
		t.Fatalf("proxies %v", ps)
	}
	for _, p := range ps {
		t.Run(p.Name, func(t *testing.T) {
			c := browserOf(t, l, l.Dial)
			u := &url.URL{Scheme: p.Kind, Host: p.Address.String()}
			c.Transport.(*http.Transport).Proxy = http.ProxyURL(u)
			for _, target := range []string{"https://microdicom-viewer.com/", "http://microdicom-viewer.com/"} {
				got := send(t, c, "GET", target)
				if got.status != 200 || !strings.Contains(string(got.body), "MicroDicom DICOM Viewer") {
					t.Errorf("%s from %s: %d %.200s", target, p.Country, got.status, got.body)
				}
			}
			last := l.Requests()[len(l.Requests())-1]
			if u.Host != l.Requests()[0].Dst.String() && last.Src.Addr().String() != u.Hostname() {
				t.Errorf("the site saw %v, not the proxy %s", last.Src, u.Host)
			}
			if _, err := c.Get("https://no-such-name-here.com/"); err == nil {
				t.Error("a name that is not there was reached")
			}
		})
	}
}

func TestRulesFit(t *testing.T) {
	visitor := visitor{country: "US", referrer: "https://www.google.com/", agent: "Mozilla/5.0 (Windows NT 10.0)"}
	for _, tt := range []struct {
		rule ruleData
		want bool
	}{
		{ruleData{}, true},
		{ruleData{Countries: []string{"GB", "US"}}, true},
		{ruleData{Countries: []string{"GB"}}, false},
		{ruleData{Referrer: "google"}, true},
		{ruleData{Referrer: "bing"}, false},
		{ruleData{Agent: "Windows"}, true},
		{ruleData{Agent: "Macintosh"}, false},
		{ruleData{Countries: []string{"US"}, Referrer: "google", Agent: "Android"}, false},
	} {
		if got := tt.rule.fits(visitor); got != tt.want {
			t.Errorf("%+v: %v", tt.rule, got)
		}
	}
}

func TestRequests(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	send(t, c, "GET", "https://mlcrodicom.info/downloads.html?x=1", "Referer", "https://www.google.com/")
	var dns, web []Request
	for _, r := range l.Requests() {
		if r.Service == DNS {
			dns = append(dns, r)
		} else {
			web = append(web, r)
		}
	}
	if len(dns) == 0 || dns[0].Host != "mlcrodicom.info" || dns[0].Dst != l.Resolvers()[0] || dns[0].Src.Addr().String() != "192.0.2.10" {
		t.Errorf("DNS saw %+v", dns)
	}
	if len(web) != 1 {
		t.Fatalf("the web saw %+v", web)
	}
	r := web[0]
	if r.Service != HTTPS || r.Host != "mlcrodicom.info" || r.Path != "/downloads.html?x=1" || r.Method != "GET" || r.Status != 200 ||
		r.Dst.String() != "203.0.113.66:443" || r.Header.Get("Referer") != "https://www.google.com/" || !r.Time.Equal(l.Clock().Now()) {
		t.Errorf("the site saw %+v", r)
	}
}
