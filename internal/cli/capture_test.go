package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"lurehound"
)

// captured runs capture in the laboratory's world of cloaks, and gives its verdict.
func captured(t *testing.T, link string) (lurehound.Cloaking, int) {
	t.Helper()
	var out, progress bytes.Buffer
	env := []string{"XDG_DATA_HOME=" + t.TempDir()}
	status := Main(t.Context(), env, strings.NewReader(""), &out, &progress, []string{"capture", link, "--lab", "--scenario", "cloaks", "--format", "jsonl"})
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var last struct{ Cloaking lurehound.Cloaking }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatalf("%v: %s %s", err, lines[len(lines)-1], progress.String())
	}
	if len(lines)-1 != last.Cloaking.Tried.Visits {
		t.Errorf("%s: %d observations of %d visits", link, len(lines)-1, last.Cloaking.Tried.Visits)
	}
	return last.Cloaking, status
}

// cloaks are the laboratory's sites that sort their visitors, and what is said of each: the kind, or
// honestly that it stays open.
var cloaks = []struct{ link, verdict, kinds string }{
	{"microdicom-country.shop", "cloaked", "country"},
	{"microdicom-first.shop", "cloaked", "first-visit"},
	{"microdicom-both.shop", "cloaked", "country,device"},
	{"https://microdicom.com/downloads.html", "cloaked", "country,referrer"},
	{"microdicom-useragent.shop", "cloaked", "user-agent"},
	{"microdicom-device.shop", "cloaked", "device"},
	{"microdicom-language.shop", "cloaked", "language"},
	{"microdicom-referrer.shop", "cloaked", "referrer"},
	{"microdicom-click.shop", "cloaked", "click"},
	{"microdicom-time.shop", "inconclusive", "time"},
	{"microdicom-script.shop", "inconclusive", "javascript"},
	{"microdicom-botcheck.shop", "inconclusive", "bot-check"},
	{"microdicom-open.shop", "none-seen", ""},
}

func TestCloaksOfTheLaboratory(t *testing.T) {
	times := 20
	if testing.Short() {
		times = 1
	}
	for _, c := range cloaks {
		t.Run(c.link, func(t *testing.T) {
			for range times {
				got, status := captured(t, c.link)
				kinds := strings.Trim(strings.ReplaceAll(fmt.Sprint(got.Kinds), " ", ","), "[]")
				if string(got.Verdict) != c.verdict || kinds != c.kinds {
					t.Fatalf("%s %s: %s", got.Verdict, kinds, got.Why)
				}
				want := map[string]int{"cloaked": exitFindings, "inconclusive": exitIncomplete, "none-seen": exitOK}[c.verdict]
				if status != want {
					t.Fatalf("exit status %d, want %d", status, want)
				}
			}
		})
	}
}
