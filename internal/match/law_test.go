package match

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"lurehound"
	"lurehound/internal/lexicon"
	"lurehound/internal/permute"
)

// lawBrands are vendors of software with their own sites, and what people call
// their products. The list is fixed: short names, hyphens, digits, pairs that read as one
// letter (rn, cl, vv), names of several words, sites not named after the product.
var lawBrands = []struct{ name, domain, word string }{
	{"MicroDicom", "microdicom.com", "MicroDicom DICOM Viewer"}, {"PuTTY", "chiark.greenend.org.uk", "PuTTY"},
	{"Advanced IP Scanner", "advanced-ip-scanner.com", "Advanced IP Scanner"}, {"Angry IP Scanner", "angryip.org", ""},
	{"WinSCP", "winscp.net", ""}, {"WinMTR", "winmtr.net", ""}, {"FileZilla", "filezilla-project.org", "FileZilla"}, {"7-Zip", "7-zip.org", "7-Zip"},
	{"KeePass", "keepass.info", ""}, {"Notepad++", "notepad-plus-plus.org", "Notepad++"}, {"VLC", "videolan.org", "VLC media player"},
	{"OBS", "obsproject.com", "OBS Studio"}, {"GIMP", "gimp.org", ""}, {"Audacity", "audacityteam.org", "Audacity"},
	{"Blender", "blender.org", ""}, {"Wireshark", "wireshark.org", ""}, {"Nmap", "nmap.org", ""}, {"HP", "hp.com", ""},
	{"TeamViewer", "teamviewer.com", ""}, {"AnyDesk", "anydesk.com", ""}, {"Zoom", "zoom.us", "Zoom Workplace"},
	{"Slack", "slack.com", ""}, {"Discord", "discord.com", ""}, {"Telegram", "telegram.org", "Telegram Desktop"},
	{"Signal", "signal.org", ""}, {"Brave", "brave.com", "Brave Browser"}, {"Firefox", "mozilla.org", "Firefox"},
	{"CCleaner", "ccleaner.com", ""}, {"Malwarebytes", "malwarebytes.com", ""}, {"qBittorrent", "qbittorrent.org", ""},
	{"WinRAR", "rarlab.com", "WinRAR"}, {"Rufus", "rufus.ie", ""}, {"Etcher", "balena.io", "balenaEtcher"},
	{"CPU-Z", "cpuid.com", "CPU-Z"}, {"HWiNFO", "hwinfo.com", ""}, {"Postman", "postman.com", ""}, {"Docker", "docker.com", "Docker Desktop"},
	{"VMware", "vmware.com", "VMware Workstation"}, {"VirtualBox", "virtualbox.org", ""}, {"RVTools", "robware.net", "RVTools"},
	{"Cisco", "cisco.com", "AnyConnect"}, {"Fortinet", "fortinet.com", "FortiClient"}, {"Citrix", "citrix.com", "Citrix Workspace"},
	{"Grammarly", "grammarly.com", ""}, {"Evernote", "evernote.com", ""}, {"Dropbox", "dropbox.com", ""}, {"Visa", "visa.com", ""},
	{"Arc", "arc.net", ""}, {"Truist", "truist.com", ""}, {"LastPass", "lastpass.com", ""}, {"Modern CSV", "moderncsv.com", "Modern CSV"},
	{"An Post", "anpost.com", ""}, {"Paint.NET", "getpaint.net", "Paint.NET"},
	{"7-zip.org", "7-zip.org", ""}, {"X", "x.org", ""}, {"BBC", "bbc.co.uk", ""}, {"3M", "3m.com", ""},
}

func law(t testing.TB) []lurehound.Brand {
	var out []lurehound.Brand
	for _, b := range lawBrands {
		words := []string{}
		if b.word != "" {
			words = append(words, b.word)
		}
		out = append(out, testBrand(t, b.name, b.domain, words...))
	}
	return out
}

// checkLaw reports whether name is found as the brand's and all techniques are named.
func checkLaw(ix *Index, name, brand string, techniques []string) (found, named bool, got []string) {
	h, ok := ix.Match(name, 0)
	if !ok {
		return false, false, nil
	}
	for _, m := range h.Matches {
		if m.Brand != brand {
			continue
		}
		if m.Simplest < 1 || m.Simplest > len(m.Techniques) || m.Simplest > len(techniques)+1 {
			return true, false, append([]string{"simplest: "}, m.Main()...)
		}
		for _, t := range techniques {
			if !slices.Contains(m.Techniques, t) {
				return true, false, m.Techniques
			}
		}
		return true, true, nil
	}
	return false, false, nil
}

// What two techniques leave of a short or hyphenated label is found too.
func TestPairsOnShortLabelsAreFound(t *testing.T) {
	for dom, names := range map[string]string{
		"7-zip.org": "7-zp2024.org 7-ip2024.com 7-zi2024.org 7-ziscanner.org 7-ipinstalls.org",
		"hp.com":    "phs.com",
		"bbc.co.uk": "bcbs.co.uk",
	} {
		b := testBrand(t, dom, dom)
		ix := testIndex(t, b)
		for name := range strings.FieldsSeq(names) {
			if _, ok := ix.Match(name, 0); !ok {
				t.Errorf("%s is not found as %s", name, dom)
			}
		}
	}
}

// The law: what permute makes, match finds, and names what made it. Every
// technique is taken alone, every two that compose, and all together.
func TestEveryPermutationIsFound(t *testing.T) {
	pairs := composing(t)
	t.Run("chosen", func(t *testing.T) { lawForChosen(t, pairs) })
	t.Run("real", func(t *testing.T) { lawForReal(t, pairs) })
}

func lawForChosen(t *testing.T, pairs [][]string) {
	budget := 6
	if os.Getenv("LUREHOUND_CORPUS") != "" {
		budget = 12
	}
	if testing.Short() {
		budget = 2
	}
	l := newLawsuit(t)
	for i, b := range law(t) {
		t.Run(b.ID(), func(t *testing.T) {
			t.Parallel()
			sets := [][]string{nil}
			for k, tech := range permute.Techniques() {
				if !testing.Short() || (i+k)%4 == 0 {
					sets = append(sets, []string{tech.Name})
				}
			}
			for k, p := range pairs {
				if !testing.Short() || (i+k)%40 == 0 {
					sets = append(sets, p)
				}
			}
			l.try(testIndex(t, b), b, sets, budget, 0)
		})
	}
}

// lawForReal takes a name or two of every technique, and of every two that
// compose for some, from a thousand owners of domains and vendors of software. One index
// holds many of them, as in use.
func lawForReal(t *testing.T, pairs [][]string) {
	const size = 40 // of an index
	brands := realBrands(t, 1040)
	if testing.Short() {
		brands = brands[:size]
	}
	l := newLawsuit(t)
	t.Logf("%d brands", len(brands))
	for from := 0; from < len(brands); from += size {
		some := brands[from:min(from+size, len(brands))]
		t.Run("from "+some[0].ID(), func(t *testing.T) {
			t.Parallel()
			ix := testIndex(t, some...)
			for i, b := range some {
				sets := [][]string{pairs[(from+i)%len(pairs)]}
				for k, tech := range permute.Techniques() {
					if (from/size+i+k)%8 == 0 { // there is no time for all: of eight brands each takes others
						sets = append(sets, []string{tech.Name})
					}
				}
				l.try(ix, b, sets, 1, i%11)
			}
		})
	}
}

// realBrands are chosen with a fixed seed: each an entity and one of its domains,
// or a vendor with the site that its advisories name and two of its products.
func realBrands(t *testing.T, n int) []lurehound.Brand {
	var out []lurehound.Brand
	for _, row := range corpusCSV(t, "advisories/vendors.csv") {
		name := strings.ToLower(strings.Fields(row[0])[0])
		for _, host := range strings.Fields(row[5]) {
			host, _, _ = strings.Cut(host, "(")
			d, err := lurehound.ParseDomain(host)
			if err != nil || d.Problem() != "" || !strings.Contains(d.Label(), name) {
				continue
			}
			var words []string
			for _, p := range strings.Split(row[4], ";") {
				if words = append(words, strings.TrimSpace(p)); len(words) == 2 {
					break
				}
			}
			out = append(out, testBrand(t, row[0], d.Registrable(), words...))
			break
		}
	}
	if len(out) < 100 {
		t.Errorf("only %d vendors have a site", len(out))
	}
	seen := map[string]bool{}
	rows := corpusCSV(t, "benign/own-domains.csv")
	r := rand.New(rand.NewPCG(1, 2))
	for _, i := range r.Perm(len(rows)) {
		if len(out) == n {
			break
		}
		d, err := lurehound.ParseDomain(rows[i][1])
		// A label without Latin letters is nothing that the index can look for.
		latin := strings.ContainsFunc(d.UnicodeLabel(), func(r rune) bool { return r < 0x80 && r != '-' })
		if err == nil && d.Problem() == "" && latin && !seen[d.Label()] {
			seen[d.Label()] = true
			out = append(out, testBrand(t, rows[i][0], d.Registrable()))
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// composing are the pairs of techniques that meet in one label.
func composing(t *testing.T) [][]string {
	target, err := permute.NewTarget(testBrand(t, "Advanced IP Scanner", "advanced-ip-scanner.com"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, tech := range permute.Techniques() {
		if tech.On == permute.OnLabel {
			names = append(names, tech.Name)
		}
	}
	var out [][]string
	for i, a := range names {
		for _, b := range names[:i] {
			for p := range permute.Permutations(target, lexicon.Default(), permute.Options{Budget: 600, Techniques: []string{a, b}}) {
				if len(p.Techniques) > 1 {
					out = append(out, []string{a, b})
					break
				}
			}
		}
	}
	if len(out) < 16 {
		t.Fatalf("only %v compose", out)
	}
	return out
}

// lawsuit counts what is lost and what is not named. Brands are tried at the same time.
type lawsuit struct {
	t *testing.T
	x *lexicon.Tables

	mu            sync.Mutex // of what follows
	total, paired int
	hard          int // lost: look-alikes where another edit joins an r and an n or parts them. One name may be
	lost, unnamed map[string]int
}

func newLawsuit(t *testing.T) *lawsuit {
	l := &lawsuit{t: t, x: lexicon.Default(), lost: map[string]int{}, unnamed: map[string]int{}}
	t.Cleanup(l.judge)
	return l
}

// judge says how much was tried.
func (l *lawsuit) judge() {
	l.t.Logf("%d names, %d of them by two techniques of the label; lost %v; unnamed %v", l.total, l.paired, l.lost, l.unnamed)
	if l.total == 0 {
		l.t.Error("no name was tried")
	}
}

// try takes up to budget names of each set of techniques, after skip others. Of a
// pair only names that both make count.
func (l *lawsuit) try(ix *Index, b lurehound.Brand, sets [][]string, budget, skip int) {
	target, err := permute.NewTarget(b)
	if err != nil {
		l.t.Error(err)
		return
	}
	const mostRead = 300 // names of one technique that stand before those of both
	for _, set := range sets {
		opt := permute.Options{Budget: budget + skip, Techniques: set}
		if len(set) == 2 {
			opt.Budget = mostRead + budget
		}
		n := 0
		for p := range permute.Permutations(target, l.x, opt) {
			if len(set) == 2 && len(p.Techniques) < 2 {
				continue
			}
			if n++; n <= skip {
				continue
			}
			if l.check(ix, b, p, len(set) == 2); n == budget+skip {
				break
			}
		}
	}
}

func (l *lawsuit) check(ix *Index, b lurehound.Brand, p lurehound.Permutation, paired bool) {
	found, named, got := checkLaw(ix, p.Domain.String(), b.ID(), p.Techniques)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total++
	if paired {
		l.paired++
	}
	key := strings.Join(p.Techniques, "+")
	switch {
	case !found:
		l.lost[key]++
		if l.hard == 0 && len(p.Changes) > 1 && slices.Contains(p.Techniques, homoglyph) && strings.Contains(p.Word+p.Domain.Label(), "rn") {
			l.hard++
			return
		}
		l.t.Errorf("%s, made from %s of %s by %s, is not found", p.Domain.Unicode(), p.Word, b.ID(), key)
	case !named:
		if l.unnamed[key]++; l.unnamed[key] <= 3 {
			l.t.Errorf("%s, made from %s of %s by %s, is explained by %v only", p.Domain.Unicode(), p.Word, b.ID(), key, got)
		}
	}
}

// Words that stand for a brand's own are found as they are, and are not edited
// further: a slip in a respelled word is no longer that brand's.
func TestVariantsAreNotEdited(t *testing.T) {
	ix := testIndex(t, testBrand(t, "MicroDicom", "microdicom.com"))
	variants := 0
	for i, f := range ix.forms {
		if ix.words[f.word].kind == ofVariant {
			variants++
			for _, l := range ix.tiers {
				if slices.Contains(l.near.forms.values, int32(i)) {
					t.Errorf("%s is looked for with edits", f.plain)
				}
			}
		}
	}
	if variants == 0 {
		t.Error("the brand has no variants")
	}
}

// A swap of neighbours where two blocks of a word meet harms both, and another edit the third.
func TestSwapBetweenBlocks(t *testing.T) {
	for dom, names := range map[string]string{
		"malwarebytes.com":    "malawrebyts.com malawrebyres.com xqmalawrebyteaxq.com",
		"audacityteam.org":    "audcaitytam.org audcaityteaam.org audactiyteam.org auadctiyteam.org",
		"rossiyasegodnya.com": "rossyiasegodnyo.com",
	} {
		ix := testIndex(t, testBrand(t, dom, dom))
		for name := range strings.FieldsSeq(names) {
			if _, ok := ix.Match(name, 0); !ok {
				t.Errorf("%s is not found as %s", name, dom)
			}
		}
	}
}
