package lab

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const polite = "lurehound/1 (hunter@lurehound.example)"

type seenName struct {
	Name  string          `json:"domainname"`
	IP    *string         `json:"ip"`
	Type  *string         `json:"type"`
	First string          `json:"firstseen"`
	Score json.RawMessage `json:"score"`
}

// askISC waits a second first, as the feed wants it.
func askISC(t *testing.T, l *Lab, c *http.Client, path string) answer {
	t.Helper()
	if err := l.Clock().Sleep(t.Context(), time.Second); err != nil {
		t.Fatal(err)
	}
	return send(t, c, "GET", "https://isc.sans.edu"+path, "User-Agent", polite)
}

func found(t *testing.T, a answer) []string {
	t.Helper()
	var rs []seenName
	if err := json.Unmarshal(a.body, &rs); err != nil || a.status != 200 {
		t.Fatalf("%d %v: %.200s", a.status, err, a.body)
	}
	names := []string{}
	for _, r := range rs {
		names = append(names, r.Name)
	}
	return names
}

// The search of the case: com.info, over the whole name, on 31 days.
func TestISCSearchOfTheCase(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	var got []string
	for age := range 31 {
		day := l.Clock().Now().AddDate(0, 0, -age).Format(time.DateOnly)
		for _, n := range found(t, askISC(t, l, c, "/api/recentdomains/"+day+"/com.info/0/100?json")) {
			got = append(got, day+" "+n)
		}
	}
	want := []string{"2024-06-28 mlcrodlcom.info", "2024-06-27 microdlcom.info", "2024-06-27 mlcrodicom.info"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestISCForms(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	all := found(t, askISC(t, l, c, "/api/recentdomains/2024-07-01/+/0/1000?json"))
	if len(all) < 50 {
		t.Fatalf("%d names on a day", len(all))
	}
	var paged []string
	for from := 0; from <= len(all); from += 10 {
		paged = append(paged, found(t, askISC(t, l, c, fmt.Sprintf("/api/recentdomains/2024-07-01/+/%d/10?json", from)))...)
	}
	if d := cmp.Diff(all, paged); d != "" {
		t.Errorf("pages add up to something else\n%s", d)
	}
	for _, old := range []string{"/recentdomains/2024-07-01/+?json", "/api/recentdomains/2024-07-01/+?json"} {
		if d := cmp.Diff(all[:40], found(t, askISC(t, l, c, old))); d != "" {
			t.Errorf("%s is not cut off\n%s", old, d)
		}
	}
	for path, want := range map[string]string{
		"/api/recentdomains/today/nothing-like-it/0/10?json":      "[]",
		"/recentdomains/today/nothing-like-it?json":               "null",
		"/api/recentdomains/2024-06-14/+/0/10?json":               "[]", // a month and a day ago
		"/api/recentdomains/2024-07-16/+/0/10?json":               "[]",
		"/api/recentdomains/2024-06-15/+/0/0?json":                "",
		"/api/domainage/mlcrodlcom.info?json":                     `"firstseen":"2024-06-28"`,
		"/api/recentdomains/2024-06-27/mlcrodicom.info/0/10":      "<domainname>mlcrodicom.info</domainname>",
		"/api/recentdomains/2024-06-27/mlcrodicom.info/0/10?json": `{"domainname":"mlcrodicom.info","ip":"203.0.113.66","type":null,"firstseen":"2024-06-27","score":0.36,"scorereason":"High entropy: 3.37 (+0.36)"}`,
		"/api/recentdomains/2024-07-11/microdicorn/0/10?json":     `"ip":null`,
		"/api/recentdomains/2024-07-08/choir/0/10?json":           "the-very-long-name",
	} {
		if got := askISC(t, l, c, path); !strings.Contains(string(got.body), want) {
			t.Errorf("%s: %d %s, want %s", path, got.status, got.body, want)
		}
	}
}

func unzipped(t *testing.T, a answer) []seenName {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		t.Fatalf("%d: %v", a.status, err)
	}
	var rs []seenName
	if err := json.NewDecoder(z).Decode(&rs); err != nil {
		t.Fatal(err)
	}
	return rs
}

func TestISCFiles(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	kinds := map[byte]bool{}
	for age := range 10 {
		day := l.Clock().Now().AddDate(0, 0, -age).Format(time.DateOnly)
		path := "/feeds/domaindata." + day + ".json.gz"
		if age == 0 {
			path = "/feeds/domaindata.json.gz"
		}
		a := askISC(t, l, c, path)
		if age > 7 {
			if a.status != 404 {
				t.Errorf("%s: %d", path, a.status)
			}
			continue
		}
		rs := unzipped(t, a)
		if len(rs) < 10 {
			t.Errorf("%s has %d names", path, len(rs))
		}
		for _, r := range rs {
			if r.First != day {
				t.Errorf("%s: %+v", path, r)
			}
			kinds[r.Score[0]] = true
			if bytes.ContainsRune(r.Score, '.') && r.Score[0] != '"' {
				kinds['.'] = true
			}
		}
		again := send(t, c, "GET", "https://isc.sans.edu"+path, "User-Agent", polite)
		if again.status != 429 || again.header.Get("Retry-After") != "300" {
			t.Errorf("asked twice in a second: %d, %v", again.status, again.header)
		}
	}
	if !kinds['"'] || !kinds['.'] || !kinds['0'] {
		t.Errorf("scores come as %v, want integers, fractions and strings", kinds)
	}
}

func TestISCManners(t *testing.T) {
	l := openLab(t)
	c := browserOf(t, l, nil)
	const target = "https://isc.sans.edu/api/recentdomains/today/+/0/1?json"
	for _, agent := range []string{"", "curl/8", "bot (+https://lurehound.example)", "a@b", "@x.example"} {
		if got := send(t, c, "GET", target, "User-Agent", agent); got.status != 403 {
			t.Errorf("%q: %d", agent, got.status)
		}
	}
	for i, tt := range []struct {
		wait time.Duration
		want int
	}{{0, 200}, {999 * time.Millisecond, 429}, {time.Millisecond, 200}, {0, 429}, {time.Second, 200}} {
		if err := l.Clock().Sleep(t.Context(), tt.wait); err != nil {
			t.Fatal(err)
		}
		if got := send(t, c, "GET", target, "User-Agent", polite); got.status != tt.want {
			t.Errorf("request %d, %v after the one before: %d, want %d", i, tt.wait, got.status, tt.want)
		}
	}
}
