package browser

import (
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lurehound"
	"lurehound/internal/egress"
	"lurehound/internal/lab"
	"lurehound/internal/picture"
	"lurehound/internal/resolve"
)

var keep = flag.String("keep", "", "write the pictures of tests into this folder, to look at")

func kept(t *testing.T, name string, png []byte) {
	t.Helper()
	if *keep == "" {
		return
	}
	if err := os.WriteFile(*keep+"/"+name+".png", png, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFoundingCase pictures the genuine site and its clone through the laboratory, as a victim, and holds them side by side.
func TestFoundingCase(t *testing.T) {
	t.Parallel()
	l, err := lab.Open(lab.DefaultScenario)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	gateway := egress.New(egress.Config{Named: l.Resolvers(), Lab: l.Dial})
	dns, err := resolve.New(resolve.Config{Dialer: gateway, Servers: l.Resolvers(), Clock: l.Clock()})
	if err != nil {
		t.Fatal(err)
	}
	c := openChromium(t, Config{Gateway: gateway, LookUp: dns.Addrs})
	looks := map[string]lurehound.ScreenshotFacts{}
	panel := func(link, host string) picture.Panel {
		look := c.Look(t.Context(), egress.DefaultProfile(), link)
		if look.Outcome != lurehound.Found {
			t.Fatalf("%s: %s %s %q", link, look.Outcome, look.Reason, look.Refused)
		}
		facts, png, err := look.Facts()
		if err != nil {
			t.Fatal(err)
		}
		kept(t, host, png)
		looks[host] = *facts
		img, err := picture.Read(png)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d × %d, %q, %s, %q", host, facts.Width, facts.Height, facts.Title, look.Took, facts.Problems)
		return picture.Panel{Image: img, Host: lurehound.Defang(host), Profile: facts.Profile, At: l.Clock().Now()}
	}
	genuine, clone := panel("https://www.microdicom.com/", "www.microdicom.com"), panel("https://mlcrodicom.info/", "mlcrodicom.info")
	differences := sideBySide(t, "side-by-side", genuine, clone)
	if differences.Share > 0.02 {
		t.Errorf("clone and original: %s", differences)
	}
	a, err1 := picture.ParseHash(looks["www.microdicom.com"].PHash)
	b, err2 := picture.ParseHash(looks["mlcrodicom.info"].PHash)
	if err1 != nil || err2 != nil || a.Distance(b) > 2 {
		t.Errorf("pHash %s and %s are %d bits apart", a, b, a.Distance(b))
	}
	if !slices.ContainsFunc(l.Requests(), func(r lab.Request) bool { return r.Host == "mlcrodicom.info" }) {
		t.Error("the laboratory was not asked")
	}
}

func sideBySide(t *testing.T, name string, left, right picture.Panel) picture.Differences {
	t.Helper()
	sheet, differences, err := picture.SideBySide(left, right)
	if err != nil {
		t.Fatal(err)
	}
	png, err := picture.Encode(sheet)
	if err != nil {
		t.Fatal(err)
	}
	kept(t, name, png)
	t.Logf("%s %d and %d marks, %d bytes", differences, len(differences.Left), len(differences.Right), len(png))
	return differences
}

// shop is a page that is cloned with changes.
const shop = `<!doctype html><title>Tidewater Planner</title><style>body { margin: 0; font: 17px/1.5 sans-serif; color: #223 } main { width: 1000px; margin: 0 auto }
	header { background: #14425c; color: #fff; padding: 18px 140px; font-size: 24px } .b { background: #fc4; padding: 12px 140px } .go { background: #0a7; color: #fff; padding: 14px 28px; display: inline-block; border-radius: 6px }
	.box { display: inline-block; width: 300px; height: 150px; background: #dfe9ee; margin: 10px 12px 10px 0; vertical-align: top; padding: 10px; box-sizing: border-box } </style>
	<header>Tidewater Planner</header>BANNER<main><h1>Plan a passage in minutes</h1><p>Tides, currents and the hours of locks on one chart. Free for private boats, and for clubs of up to ten members.</p>
	<p><span class="go">BUTTON</span></p><h2>What it does</h2><div class="box">Tides of 8,000 ports</div><div class="box">Currents by the hour</div><div class="box">Locks and bridges</div>
	SECTION<h2>Questions</h2><p>Does it work without a connection? Yes: everything that you looked at before stays on the device for thirty days.</p><p>Which systems? Windows, macOS and Linux, and a
	version for tablets.</p><h2>Contact</h2><p>Write to the harbour office. We answer within two days, in English, Dutch and German.</p></main>`

// TestChangedClone has a banner more, another button, and a section less: what was moved is not marked.
func TestChangedClone(t *testing.T) {
	t.Parallel()
	replacers := map[string]*strings.Replacer{
		"tidewater.example": strings.NewReplacer("BANNER", "", "BUTTON", "Download 4.2 for Windows", "SECTION", "<h2>Who makes it</h2><p>Three people in a boat shed. The charts are those of the hydrographic offices.</p>"),
		"tldewater.example": strings.NewReplacer("BANNER", `<div class="b">Update required: your version is out of date. Install the new one now.</div>`, "BUTTON", "Install now (Setup.exe)", "SECTION", ""),
	}
	w := newWeb(t, func(rw http.ResponseWriter, r *http.Request) { _, _ = replacers[r.Host].WriteString(rw, shop) })
	c := w.open(t, Limits{})
	panel := func(host string) picture.Panel {
		look := c.Look(t.Context(), egress.DefaultProfile(), "https://"+host+"/")
		img, err := picture.Read(look.PNG)
		if err != nil {
			t.Fatalf("%s: %s: %v", host, look.Reason, err)
		}
		return picture.Panel{Image: img, Host: lurehound.Defang(host), Profile: look.Profile, At: time.Date(2026, 3, 4, 5, 6, 0, 0, time.UTC)}
	}
	d := sideBySide(t, "changed-clone", panel("tidewater.example"), panel("tldewater.example"))
	if d.Share < 0.02 || d.Share > 0.25 || len(d.Left) == 0 || len(d.Left) > 6 || len(d.Right) < 2 || len(d.Right) > 6 {
		t.Errorf("%s %v and %v", d, d.Left, d.Right)
	}
	if !d.Right[0].Only || d.Right[0].Area.Min.Y > 100 {
		t.Errorf("the banner is not marked: %v", d.Right)
	}
}
