package browser

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/picture"
)

// TestLook: what comes back is what scripts made of the page, and its picture.
func TestLook(t *testing.T) {
	t.Parallel()
	w := newWeb(t, func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(rw, `<!doctype html><title>a page</title><body style="background:#357"><h1>Look</h1><div style="height:300px;width:600px;background:#fff">text</div><div style="height:3000px"></div><script>document.body.append("by script")</script>`)
	})
	c := w.open(t, Limits{})
	look := c.Look(t.Context(), egress.DefaultProfile(), "https://lure.example/")
	if look.Outcome != lurehound.Found || look.Title != "a page" || look.URL != "https://lure.example/" || !strings.HasPrefix(look.Engine, "Chromium ") {
		t.Fatalf("%s %s: %q at %s by %s", look.Outcome, look.Reason, look.Title, look.URL, look.Engine)
	}
	if html := string(look.HTML); !strings.HasPrefix(html, "<!DOCTYPE html>\n<html>") || !strings.Contains(html, "</script>by script") {
		t.Errorf("the page is %s", html)
	}
	facts, png, err := look.Facts()
	if err != nil {
		t.Fatal(err)
	}
	img, err := picture.Read(png)
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(1000, 1500).RGBA(); r>>8 != 0x33 || g>>8 != 0x55 || b>>8 != 0x77 {
		t.Errorf("the background is %x %x %x", r>>8, g>>8, b>>8)
	}
	if facts.Width != 1280 || facts.Height != 1600 || facts.PHash == "" || facts.DHash == "" || facts.Picture.Size != int64(len(png)) {
		t.Errorf("%+v", facts)
	}
	if len(facts.Problems) != 1 || !strings.HasPrefix(facts.Problems[0], "the picture ends at 1600 of ") {
		t.Errorf("%q", facts.Problems)
	}
	t.Logf("took %s", look.Took)
}
