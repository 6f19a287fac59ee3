package report

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"lurehound"
)

// How much of a file's facts a person is shown; JSON has all.
const (
	shownContained  = 20
	shownIndicators = 15 // of a kind
	shownProblems   = 15
)

func triageTable(w io.Writer, t *Triaged, opt Options) error {
	p := &page{w: w, opt: opt, width: opt.width()}
	f := &t.Facts
	p.raw("", "", t.File, bold)
	p.begun = true
	p.raw("  ", "  ", whatItIs(f), "")
	p.graveness(t)
	p.signed(f)
	p.held(t)
	p.indicators(&f.Found)
	p.contained(f.Contains)
	p.heading("Hashes")
	for _, h := range [][2]string{{"SHA-256", f.SHA256}, {"SHA-1", f.SHA1}, {"MD5", f.MD5}, {"TLSH", f.TLSH}, {"ssdeep", f.SSDeep}} {
		p.pair(h[0], h[1])
	}
	if f.PE != nil {
		p.pair("imphash", f.PE.Imphash)
		p.pair("Authentihash", f.PE.Authentihash)
	}
	if len(f.Problems) > 0 {
		p.heading("What could not be read")
		p.sentences(f.Problems)
	}
	if len(f.Notes) > 0 {
		p.heading("Left out")
		p.sentences(f.Notes)
	}
	p.advice(t)
	p.line("")
	return p.err
}

// raw writes foreign text as it is, but visible: a file's name is no host to be defanged.
func (p *page) raw(first, indent, s, style string) {
	lead := first
	for _, l := range wrap(visible(s), p.width-columns(indent)) {
		p.line(lead + p.paint(l, style))
		lead = indent
	}
}

const pairWidth = 14

// pair writes a value behind its name, and nothing for a value that there is not.
func (p *page) pair(name, value string) {
	if value != "" {
		p.raw("  "+pad(name, pairWidth), strings.Repeat(" ", pairWidth+2), value, "")
	}
}

func (p *page) sentences(list []string) {
	for i, s := range list {
		if i == shownProblems {
			p.raw("  ", "  ", fmt.Sprintf("and %s more; --format json has them all", thousands(len(list)-i)), "")
			return
		}
		p.raw("  - ", "    ", s, "")
	}
}

// whatItIs says type and size in words.
func whatItIs(f *lurehound.PayloadFacts) string {
	parts := []string{typeWords(f.Type)}
	if pe := f.PE; pe != nil {
		parts[0] += " (" + pe.Machine + ")"
		if pe.DLL {
			parts = append(parts, "a library")
		}
		if pe.DotNet {
			parts = append(parts, ".NET")
		}
		if pe.Installer != "" {
			parts = append(parts, "an installer made by "+pe.Installer)
		}
		if name := joinWith(" ", pe.Version["ProductName"], pe.Version["FileVersion"]); name != "" {
			parts = append(parts, fmt.Sprintf("says it is %q", name))
		}
		if who := pe.Version["CompanyName"]; who != "" {
			parts = append(parts, fmt.Sprintf("by %q", who))
		}
	}
	if m := f.MSI; m != nil {
		if name := joinWith(" ", m.Product, m.Version); name != "" {
			parts = append(parts, fmt.Sprintf("says it is %q", name))
		}
		if m.Manufacturer != "" {
			parts = append(parts, fmt.Sprintf("by %q", m.Manufacturer))
		}
	}
	return strings.Join(append(parts, thousands(int(f.Size))+" bytes"), ", ")
}

func typeWords(t lurehound.FileType) string {
	switch t {
	case lurehound.TypePE:
		return "a Windows program"
	case lurehound.TypeMSI:
		return "a Windows Installer package"
	case lurehound.TypeCFB:
		return "a compound file"
	case lurehound.TypeISO, lurehound.TypeDMG:
		return "a disk image (" + string(t) + ")"
	case lurehound.TypeLNK:
		return "a Windows shortcut"
	case lurehound.TypeELF:
		return "a Linux program"
	case lurehound.TypeMachO:
		return "a macOS program"
	case lurehound.TypeScript:
		return "a script"
	case lurehound.TypeKey:
		return "a private key"
	case lurehound.TypeText:
		return "a text"
	case lurehound.TypeEmpty:
		return "an empty file"
	case lurehound.TypeUnknown:
		return "a file of a type that is not known"
	case lurehound.TypeZip, lurehound.TypeCab, lurehound.Type7z, lurehound.TypeRAR, lurehound.TypeGzip:
		return "an archive (" + string(t) + ")"
	}
	return "a file of type " + string(t)
}

// graveness writes the signals, the gravest first.
func (p *page) graveness(t *Triaged) {
	signals := slices.Clone(t.Facts.Signals)
	slices.SortStableFunc(signals, func(a, b lurehound.Signal) int {
		if a.Direct != b.Direct {
			if a.Direct {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.Points, a.Points)
	})
	switch {
	case t.NotRead:
		p.heading("Not taken apart")
		p.raw("  ", "  ", "The file ended its reader, which no ordinary file does. What it holds is not known.", red)
	case t.Suspicious:
		p.heading("Suspicious")
	case len(signals) > 0:
		p.heading("Worth knowing")
	default:
		p.heading("Nothing suspicious was seen")
		p.raw("  ", "  ", "That is no proof that it is good: it was read, not run.", "")
	}
	for _, s := range signals {
		style := yellow
		if s.Direct {
			style = red
		}
		p.raw(fmt.Sprintf("  %3.0f  ", s.Points), "       ", s.Why, style)
		if s.Evidence != "" {
			p.raw("       ", "       ", defangWords(s.Evidence), "")
		}
	}
}

func (p *page) signed(f *lurehound.PayloadFacts) {
	p.heading("Signature")
	if !f.Signature.Present {
		switch f.Signature.Digest {
		case lurehound.DigestNone:
			p.raw("  ", "  ", "not signed", "")
		default:
			p.raw("  ", "  ", cmp.Or(f.Signature.Problem, "not known"), yellow)
		}
		return
	}
	for i, s := range append([]lurehound.SignatureFacts{f.Signature}, f.Signature.Others...) {
		if i > 0 {
			p.line("")
		}
		p.signature(s)
	}
}

func (p *page) signature(s lurehound.SignatureFacts) {
	p.pair("signer", cmp.Or(s.Signer, "not known"))
	p.pair("issued by", s.Issuer)
	styles := map[lurehound.DigestState]string{lurehound.DigestMatch: green, lurehound.DigestMismatch: red, lurehound.DigestUnverified: yellow}
	words := map[lurehound.DigestState]string{
		lurehound.DigestMatch: "match: these bytes are what was signed", lurehound.DigestMismatch: "mismatch: these bytes are not what was signed",
		lurehound.DigestUnverified: "unverified: whether these bytes were signed is not known",
	}
	blank := strings.Repeat(" ", pairWidth+2)
	p.raw("  "+pad("digest", pairWidth), blank, cmp.Or(words[s.Digest], string(s.Digest)), styles[s.Digest])
	chain := map[lurehound.ChainState]string{
		lurehound.ChainTrusted: "trusted: leads to a root that is known", lurehound.ChainUntrusted: "untrusted",
		lurehound.ChainUnknown: "unknown: leads to no root that is known; anybody can make such a certificate",
	}
	style := yellow
	if s.Chain == lurehound.ChainTrusted {
		style = green
	}
	p.raw("  "+pad("chain", pairWidth), blank, cmp.Or(chain[s.Chain], "unknown"), style)
	if !s.Timestamp.IsZero() {
		p.pair("signed on", s.Timestamp.UTC().Format(time.DateTime)+" UTC")
	}
	if s.Unsigned > 0 {
		p.raw("  "+pad("unsigned", pairWidth), blank, thousands(int(s.Unsigned))+" bytes in the signature's area that no digest covers", yellow)
	}
	p.pair("certificate", joinWith(", ", lead("serial ", s.Serial), lead("SHA-1 ", s.Thumbprint)))
	p.pair("note", s.Problem)
}

func lead(word, s string) string {
	if s == "" {
		return ""
	}
	return word + s
}

// held writes how the file stands beside the genuine one.
func (p *page) held(t *Triaged) {
	r := t.Facts.Reference
	if r.Verdict == "" || r.Verdict == lurehound.ReferenceUnknown && len(r.Differences) == 0 && t.Brand == "" {
		return
	}
	words := map[lurehound.ReferenceVerdict]string{
		lurehound.Genuine: "genuine: the hash is that of the genuine file", lurehound.VendorSigned: "vendor-signed: other bytes than the genuine file, under the vendor's valid signature",
		lurehound.KnownBad: "known-bad", lurehound.Differs: "differs: this is not the genuine file", lurehound.ReferenceUnknown: "unknown",
	}
	styles := map[lurehound.ReferenceVerdict]string{lurehound.Genuine: green, lurehound.VendorSigned: green, lurehound.KnownBad: red, lurehound.Differs: red}
	heading := "Beside the genuine one"
	if t.Brand != "" {
		heading += " of " + t.Brand
	}
	p.heading(heading)
	p.raw("  ", "  ", words[r.Verdict], styles[r.Verdict])
	for _, d := range r.Differences {
		p.raw("  - ", "    ", d, "")
	}
}

func (p *page) indicators(f *lurehound.Indicators) {
	var keys []string
	for _, k := range f.Keys {
		keys = append(keys, joinWith(" ", k.Kind, k.Fingerprint, k.Comment))
	}
	begun := false
	for _, k := range []struct {
		name   string
		values []string
		fanged bool
	}{
		{"commands", f.Commands, true}, {"private keys", keys, false}, {"services", f.Services, false}, {"tasks", f.Tasks, false}, {"addresses", f.IPs, true},
		{"domains", f.Domains, true}, {"links", f.URLs, true}, {"mail", f.Mails, true}, {"registry", f.Registry, false}, {"files", f.Files, false}, {"made on", f.Machines, false},
	} {
		for i, v := range k.values {
			if !begun {
				p.heading("What it holds")
				begun = true
			}
			name := ""
			if i == 0 {
				name = k.name
			}
			if i == shownIndicators {
				p.pair(" ", "and "+thousands(len(k.values)-i)+" more")
				break
			}
			switch {
			case k.name == "domains":
				v = defang(v)
			case k.fanged:
				v = defangWords(v)
			}
			p.pair(cmp.Or(name, " "), v)
		}
	}
}

func (p *page) contained(files []lurehound.ContainedFile) {
	if len(files) == 0 {
		return
	}
	p.heading("Contains " + count(len(files), "file"))
	for i, c := range files {
		if i == shownContained {
			p.raw("  ", "  ", fmt.Sprintf("and %s more; --format json has them all", thousands(len(files)-i)), "")
			return
		}
		p.raw("  ", "    ", fmt.Sprintf("%s  (%s, %s bytes%s)", c.Name, c.Type, thousands(int(c.Size)), signedBy(c.Signature)), "")
		if c.SHA256 != "" {
			p.raw("    ", "    ", c.SHA256, faint)
		}
	}
}

func signedBy(s *lurehound.SignatureFacts) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf(", signed by %q: digest %s, chain %s", s.Signer, s.Digest, s.Chain)
}

// advice ends the page with what to do.
func (p *page) advice(t *Triaged) {
	var todo []string
	f := &t.Facts
	if t.Suspicious || t.NotRead {
		todo = append(todo, "don't run it; look for the hashes, addresses and services above on your machines")
	}
	if f.Reference.Verdict == "" || f.Reference.Verdict == lurehound.ReferenceUnknown && t.Brand == "" {
		todo = append(todo, "hold it against the genuine file: --reference FILE, or --brands FILE with references")
	}
	if f.Signature.Present && f.Signature.Chain == lurehound.ChainUnknown {
		todo = append(todo, "if you trust the signer's root, name it: --roots FILE")
	}
	if len(todo) == 0 {
		return
	}
	p.heading("What to do next")
	for _, s := range todo {
		p.raw("  - ", "    ", s, "")
	}
}

// What people could click on, among the words of a command.
var (
	fangedAddress = regexp.MustCompile(`\b(\d{1,3}\.\d{1,3}\.\d{1,3})\.(\d{1,3})\b`)
	fangedLink    = regexp.MustCompile(`(?i)\b(https?|ftp)://[^\s"'<>]+`)
	fangedMail    = regexp.MustCompile(`@([\w-]+\.)*[\w-]+\.[A-Za-z]{2,}\b`)
)

// defangWords defangs links, addresses and the hosts of mail addresses wherever they stand.
func defangWords(s string) string {
	s = fangedLink.ReplaceAllStringFunc(s, lurehound.Defang)
	s = fangedMail.ReplaceAllStringFunc(s, lurehound.Defang)
	return fangedAddress.ReplaceAllString(s, "$1[.]$2")
}
