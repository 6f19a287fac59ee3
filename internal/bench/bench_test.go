package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lurehound"
	"lurehound/internal/testbed"
)

func file(t testing.TB, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadCountsLines(t *testing.T) {
	for _, tt := range []struct {
		text string
		want string
	}{
		{"", "0\n"}, {"a\nb\n", "2\n"}, {"a\n\nb", "2\n"},
		{strings.Repeat("a-name-of-24-octets.com\n", 100_000), "100000\n"}, // many blocks
	} {
		var out bytes.Buffer
		if got := Main(context.Background(), nil, &out, io.Discard, []string{"read", file(t, tt.text)}); got != 0 || out.String() != tt.want {
			t.Errorf("%d octets: %q, status %d, want %q", len(tt.text), out.String(), got, tt.want)
		}
	}
}

func TestGenerateCountsNames(t *testing.T) {
	var out bytes.Buffer
	brands := file(t, "microdicom.com\nwinscp.net\n")
	if got := Main(context.Background(), nil, &out, io.Discard, []string{"generate", brands, "30"}); got != 0 || !strings.HasPrefix(out.String(), "60 ") {
		t.Errorf("%q, status %d: two brands, 30 names each", out.String(), got)
	}
}

func TestOwnDomains(t *testing.T) {
	got, err := ownDomains(file(t, "entity,domain,source\nacme,acme.com,x\nacme,acme.net,x\nacme,www.acme2.com,x\nn,12345.com,x\ns,abc.com,x\np,com,x\nother,other.co.uk,x\n"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range got {
		names = append(names, d.String())
	}
	if diff := cmp.Diff([]string{"acme.com", "other.co.uk"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestSampleIsFixed(t *testing.T) {
	var all []lurehound.Domain
	for c := 'a'; c <= 'z'; c++ {
		d, err := lurehound.ParseDomain(string(c) + "-name.com")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	some := sampleOf(all, 10)
	if len(some) != 10 || !slices.Equal(some, sampleOf(all, 10)) {
		t.Errorf("%v, and another time something else", some)
	}
	if n := len(sampleOf(all, 100)); n != len(all) {
		t.Errorf("%d of %d, asked for more", n, len(all))
	}
	seen := map[lurehound.Domain]bool{}
	for _, d := range some {
		if seen[d] {
			t.Errorf("%s twice", d)
		}
		seen[d] = true
	}
}

func TestRanksBeginWithOne(t *testing.T) {
	ranks, err := ranksOf("microdicom.com", 50)
	if err != nil {
		t.Fatal(err)
	}
	seen := make([]bool, 51)
	for name, r := range ranks {
		if r < 1 || r > 50 || seen[r] {
			t.Fatalf("%s has place %d", name, r)
		}
		seen[r] = true
	}
	if len(ranks) != 50 {
		t.Errorf("%d places of 50", len(ranks))
	}
}

func TestJudgeCountsWhatIsSaid(t *testing.T) {
	c := testbed.Campaign{Names: 40, Share: 20}
	answers := file(t, fmt.Sprintf(`{"domain":%q,"outcome":"exists"}
{"domain":%q,"outcome":"nxdomain"}
{"domain":%q,"outcome":"nxdomain"}
{"domain":%q,"outcome":"exists"}
{"domain":%q,"outcome":"filtered"}
{"domain":%q,"outcome":"unknown","reason":"timeout"}
`, c.Name(10), c.Name(30), c.Name(1), c.Name(2), c.Name(3), c.Name(4)))
	got, err := judge(answers, c)
	want := verdict{lines: 6, found: 1, denied: 1, unknown: 1, wrong: 3, asked: []string{c.Name(4)}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(verdict{})); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := judge(file(t, "{\"domain\":"), c); err == nil {
		t.Error("half a line is taken")
	}
}

func TestMisuse(t *testing.T) {
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"extra"}, 2, "--lurehound FILE"},
		{[]string{"--lurehound", "none"}, 1, "make build"},
		{[]string{"dns", "extra"}, 2, "--names N"},
		{[]string{"dns", "--lurehound", "none"}, 1, "make build"},
		{[]string{"read"}, 1, "takes a file"},
		{[]string{"exchange"}, 1, "takes a server"},
		{[]string{"exchange", "203.0.113.1:53", os.DevNull, "1"}, 1, "loopback"},
	} {
		var errs bytes.Buffer
		if got := Main(context.Background(), nil, io.Discard, &errs, tt.args); got != tt.status || !strings.Contains(errs.String(), tt.says) {
			t.Errorf("%v: status %d, %s", tt.args, got, errs.String())
		}
	}
}
