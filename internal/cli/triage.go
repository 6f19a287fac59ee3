package cli

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"lurehound"
	"lurehound/internal/config"
	"lurehound/internal/examine"
	"lurehound/internal/lab"
	"lurehound/internal/payload"
	"lurehound/internal/report"
)

type triageCmd struct {
	File          []string `arg:"" name:"file" help:"Files to take apart."`
	Reference     []string `help:"Genuine installer to hold them against; repeatable." placeholder:"FILE" type:"path"`
	Brands        string   `help:"File of brands whose references they are held against." placeholder:"FILE" type:"path"`
	KnownBad      []string `help:"Hash that is known to be bad, or file of such hashes, one a line; repeatable." placeholder:"FILE|SHA256"`
	SandboxReport []string `help:"report.json that a CAPE sandbox wrote of one of the files: what it did there counts too; repeatable." placeholder:"FILE" type:"path"`
	Roots         []string `help:"PEM file of roots that may vouch for signers, besides the system's; repeatable." placeholder:"FILE" type:"path"`
}

func (triageCmd) Help() string {
	return `Takes files apart without running them: type, hashes, signature, what installers, packages and archives contain,
and what a defender can search for. Each is read in a limited child process without network; a file that ends its reader is
said to have done so. Nothing leaves this machine.

Exit status: 0 when nothing is suspicious; 3 when something is; 4 when nothing is, but a part could not be read; 1 when
a file could not be read at all.

Examples:
  lurehound triage Setup.exe
  lurehound triage Setup.exe --reference genuine.exe --known-bad hashes.txt
  lurehound triage Setup.exe --sandbox-report report.json
  lurehound triage *.msi --brands brands.toml --format jsonl | jq .indicators`
}

// Run takes the files apart one after the other, and prints each as soon as it is known.
func (c *triageCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl")
	if err != nil {
		return err
	}
	x, err := c.examiner(g)
	if err != nil {
		return err
	}
	known, err := readKnownBad(c.KnownBad)
	if err != nil {
		return err
	}
	brands, err := c.brands(ctx, con, x)
	if err != nil {
		return err
	}
	ran, err := c.reports(ctx, con, x)
	if err != nil {
		return err
	}
	var suspicious, failed, incomplete bool
	for _, path := range c.File {
		t := report.Triaged{File: path}
		t.Facts, err = takeApart(ctx, con, x, path)
		var broken *brokenError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &broken):
			t.NotRead = true
		case err != nil:
			failed = true
			fmt.Fprintln(con.stderr, "lurehound:", oneLine(err))
			continue
		}
		ran.join(&t.Facts)
		t.Facts.Reference, t.Brand = beside(t.Facts, brands, known)
		t.Facts.Signals = payload.Signals(&t.Facts)
		t.Suspicious = payload.Suspicious(t.Facts.Signals)
		suspicious = suspicious || t.Suspicious
		incomplete = incomplete || t.NotRead || len(t.Facts.Problems) > 0
		if err := report.Triage(con.stdout, format, &t, reportOptions(con)); err != nil {
			return err
		}
	}
	for _, path := range ran.unused() {
		failed = true
		fmt.Fprintf(con.stderr, "lurehound: --sandbox-report %s: it is about none of these files\n", path)
	}
	switch {
	case suspicious:
		return exitError(exitFindings)
	case failed:
		return exitError(exitFailed)
	case incomplete:
		return exitError(exitIncomplete)
	}
	return nil
}

// brokenError is that a file's format was not read: its hashes are known all the same.
type brokenError struct{ cause error }

func (e *brokenError) Error() string { return e.cause.Error() }

// takeApart opens a file and hands it to the child. What is no regular file is not opened: reading a pipe or a device
// may wait for ever.
func takeApart(ctx context.Context, con *console, x examine.Examiner, path string) (p lurehound.PayloadFacts, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return p, pathless(path, err)
	}
	if !info.Mode().IsRegular() {
		return p, fmt.Errorf("%s: it is no ordinary file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return p, pathless(path, err)
	}
	defer f.Close()
	bar := newProgress(con)
	defer bar.Close()
	bar.Stage("taking apart "+shortName(path), -1)
	p, err = x.File(ctx, f, info.Size(), filepath.Base(path))
	if err != nil && ctx.Err() == nil {
		return p, &brokenError{err}
	}
	return p, err
}

func pathless(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// shortName is a file's name as far as a label has room.
func shortName(path string) string {
	name := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, filepath.Base(path))
	return name[:min(len(name), 12)]
}

// mostRoots leaves room for what else is handed to a child.
const mostRoots = 600 << 10

// examiner trusts the system's roots, those of --roots, and in the laboratory its own.
func (c *triageCmd) examiner(g *Globals) (x examine.Examiner, err error) {
	x.Now = time.Now()
	if g.Lab {
		l, err := lab.Open(g.Scenario)
		if err != nil {
			return x, misuse("--scenario %s: %v; type one of %s", g.Scenario, err, join(lab.Scenarios()))
		}
		x.Now = l.Clock().Now()
		if err := l.Close(); err != nil {
			return x, err
		}
		root, err := lab.SigningRoot()
		if err != nil {
			return x, err
		}
		x.Roots = append(x.Roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
	}
	for _, path := range c.Roots {
		b, err := readShort(path, mostRoots)
		if err != nil {
			return x, misuse("--roots %v", err)
		}
		if _, err := payload.NewRoots(nil, b); err != nil || !bytes.Contains(b, []byte("-----BEGIN CERTIFICATE-----")) {
			return x, misuse("--roots %s: type a PEM file of certificates (%s)", path, cmpOr(err, "it holds none"))
		}
		x.Roots = append(x.Roots, b)
	}
	size := 0
	for _, b := range x.Roots {
		size += len(b)
	}
	if b := systemRoots(); size+len(b) <= mostRoots {
		x.Roots = append(x.Roots, b)
	} else if size > mostRoots {
		return x, misuse("--roots: more than %d KiB of certificates", mostRoots>>10)
	}
	return x, nil
}

func cmpOr(err error, other string) string {
	if err != nil {
		return oneLine(err)
	}
	return other
}

// systemRoots is the bundle of the system in PEM, where it has one as a file: the places are those of Debian, of Red
// Hat, of SUSE and Alpine, and of BSD and macOS.
func systemRoots() []byte {
	for _, path := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"} {
		if b, err := readShort(path, mostRoots); err == nil {
			return b
		}
	}
	return nil
}

// readShort reads a file of ours or the user's that has at most limit bytes.
func readShort(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, pathless(path, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, pathless(path, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: it has more than %d KiB", path, limit>>10)
	}
	return b, nil
}

// readKnownBad joins the hashes and the files of hashes.
func readKnownBad(list []string) (payload.KnownBad, error) {
	all := payload.KnownBad{}
	for _, s := range list {
		var r io.Reader = strings.NewReader(s)
		if _, err := hex.DecodeString(s); err != nil || !slices.Contains([]int{32, 40, 64}, len(s)) {
			f, err := os.Open(s)
			if err != nil {
				return nil, misuse("--known-bad %v; type a SHA-256 in hex, or a file of such, one a line", pathless(s, err))
			}
			defer f.Close()
			r = f
		}
		k, err := payload.ReadKnownBad(r)
		if err != nil {
			return nil, misuse("--known-bad %s: %v", s, err)
		}
		for sum, name := range k {
			all[sum] = name
		}
	}
	return all, nil
}

// brands are those of the file, and one that is made of the genuine installers.
func (c *triageCmd) brands(ctx context.Context, con *console, x examine.Examiner) (brands []lurehound.Brand, err error) {
	if c.Brands != "" {
		all, err := config.ReadBrands(c.Brands)
		if err != nil {
			return nil, err
		}
		for _, b := range all {
			if len(b.Signers) > 0 || slices.ContainsFunc(b.References, lurehound.Reference.Installer) {
				brands = append(brands, b)
			}
		}
		if len(brands) == 0 {
			return nil, misuse("--brands %s names no signer and no reference with a sha256: nothing to hold a file against", c.Brands)
		}
	}
	if len(c.Reference) == 0 {
		return brands, nil
	}
	given := lurehound.Brand{}
	for _, path := range c.Reference {
		p, err := takeApart(ctx, con, x, path)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("reading the reference: %w", err)
		}
		r := lurehound.Reference{SHA256: p.SHA256, MinSize: p.Size, MaxSize: p.Size}
		// Somebody else's bytes under the vendor's signature prove nothing of the vendor.
		if p.Signature.Digest == lurehound.DigestMatch {
			r.Signer, r.Thumbprint = p.Signature.Signer, p.Signature.Thumbprint
		}
		given.References = append(given.References, r)
	}
	return append([]lurehound.Brand{given}, brands...), nil
}

// beside holds a file against the brand that it is of, or says it is of. Against a brand that it has nothing to do
// with, everything would differ. brand is that one's name.
func beside(p lurehound.PayloadFacts, brands []lurehound.Brand, known payload.KnownBad) (f lurehound.ReferenceFacts, brand string) {
	var claimed []lurehound.Brand
	for _, b := range brands {
		f := payload.CompareReference(p, b, known)
		if f.Verdict == lurehound.Genuine || f.Verdict == lurehound.VendorSigned {
			return f, b.Name
		}
		if len(b.Domains) == 0 || claims(p, b) {
			claimed = append(claimed, b)
		}
	}
	if len(claimed) == 0 && len(brands) == 1 {
		claimed = brands
	}
	switch len(claimed) {
	case 0:
		f = payload.CompareReference(p, lurehound.Brand{}, known)
		if len(brands) > 0 && f.Verdict == lurehound.ReferenceUnknown {
			f.Differences = append(f.Differences, "brand: nothing in it names one of those that are known")
		}
		return f, ""
	case 1:
	default:
		// The references that the user gave for these files come first.
		if len(claimed[0].Domains) == 0 {
			break
		}
		var names []string
		for _, b := range claimed {
			names = append(names, b.Name)
		}
		f = payload.CompareReference(p, lurehound.Brand{}, known)
		f.Differences = append(f.Differences, "brand: it names several, so it was held against none: "+join(names))
		return f, ""
	}
	return payload.CompareReference(p, claimed[0], known), claimed[0].Name
}

// claims reports whether a file's name, or what it says of itself, names the brand.
func claims(p lurehound.PayloadFacts, b lurehound.Brand) bool {
	said := []string{p.Name, p.Signature.Signer}
	if p.PE != nil {
		for _, v := range p.PE.Version {
			said = append(said, v)
		}
	}
	if p.MSI != nil {
		said = append(said, p.MSI.Product, p.MSI.Manufacturer)
	}
	text := plainLetters(strings.Join(said, "\n"))
	return slices.ContainsFunc(append([]string{b.Name}, b.Words...), func(w string) bool {
		w = plainLetters(w)
		return len(w) >= 3 && strings.Contains(text, w)
	}) || slices.ContainsFunc(b.Signers, func(s string) bool { return payload.SameSigner(s, p.Signature.Signer) })
}

// plainLetters drops what file names write for blanks.
func plainLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.+", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}
