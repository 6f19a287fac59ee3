package match

import (
	"os"
	"slices"
	"strings"
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
// technique is taken alone, and all together as they compose.
func TestEveryPermutationIsFound(t *testing.T) {
	x := lexicon.Default()
	brands := law(t)
	budget := 12
	if os.Getenv("LUREHOUND_CORPUS") != "" {
		budget = 600 // a minute: where there is time to measure
	}
	if testing.Short() {
		budget = 2
	}
	lost, unnamed := map[string]int{}, map[string]int{}
	total := 0
	for _, b := range brands {
		ix := testIndex(t, b)
		target, err := permute.NewTarget(b)
		if err != nil {
			t.Fatal(err)
		}
		sets := [][]string{nil}
		for _, tech := range permute.Techniques() {
			sets = append(sets, []string{tech.Name})
		}
		for _, set := range sets {
			for p := range permute.Permutations(target, x, permute.Options{Budget: budget, Techniques: set}) {
				total++
				found, named, got := checkLaw(ix, p.Domain.String(), b.ID(), p.Techniques)
				key := strings.Join(p.Techniques, "+")
				switch {
				case !found:
					if lost[key]++; lost[key] <= 3 {
						t.Errorf("%s, made from %s by %s, is not found", p.Domain.Unicode(), p.Word, key)
					}
				case !named:
					if unnamed[key]++; unnamed[key] <= 3 {
						t.Errorf("%s, made from %s by %s, is explained by %v only", p.Domain.Unicode(), p.Word, key, got)
					}
				}
			}
		}
	}
	t.Logf("%d names; lost %v; unnamed %v", total, lost, unnamed)
}
