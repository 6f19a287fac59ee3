package payload

import (
	"crypto"
	"fmt"
	"io"
	"strings"

	"lurehound"
)

// look reads what one file says of itself, and opens it when it is a container.
// The signature is the file's own.
func (t *triage) look(f file, typ lurehound.FileType) lurehound.SignatureFacts {
	signature := lurehound.SignatureFacts{Digest: lurehound.DigestNone}
	searched := f.seen
	switch typ {
	case lurehound.TypePNG:
		if s := hugePicture(f); s != "" {
			t.problem(in(f.name, s))
		}
	case lurehound.TypePE:
		signature = t.lookPE(f)
	case lurehound.TypeCab:
		signature = cabSignature(f, t.budget.lim.Roots)
	case lurehound.TypeZip, lurehound.TypeAPK:
		signature = zipSignature(f, t.budget.lim.Entries)
	case lurehound.TypeLNK:
		t.found.enter(f)
		for _, s := range readLNK(f.r, f.size, t.found) {
			t.problem(in(f.name, s))
		}
	case lurehound.TypeMSI:
		// Its strings stand in one block without borders, so they are searched one by one; what is
		// no table is visited as contained files.
		var tables bool
		signature, tables = t.lookMSI(f)
		searched = searched || tables
	}
	if searched {
		t.found.enter(f)
	} else {
		indicators(f, t.found)
	}
	switch typ {
	case lurehound.TypeScript, lurehound.TypeHTML, lurehound.TypeText:
		named := f
		if f.depth == 0 {
			named.name = t.facts.Name // its ending tells kinds of scripts apart
		}
		for _, s := range readScript(named, t.found) {
			t.problem(in(f.name, s))
		}
	}
	t.open(f, typ)
	return signature
}

// partly reads a file of which only the beginning is held.
type partly struct {
	r    io.ReaderAt
	held int64
}

func (p partly) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(b)) > p.held {
		return 0, ErrNotRead
	}
	return p.r.ReadAt(b, off)
}

// lookPE reads a program's headers and judges its signatures. The facts of the outermost one are kept.
func (t *triage) lookPE(f file) lurehound.SignatureFacts {
	r, size := f.r, f.size
	if f.whole > 0 {
		r, size = partly{f.r, f.size}, f.whole
	}
	facts, l, err := readPE(r, size)
	if err != nil {
		t.problem(in(f.name, err.Error()))
		return lurehound.SignatureFacts{Digest: lurehound.DigestUnverified, Problem: "the headers were not read"}
	}
	for _, s := range l.problems {
		t.problem(in(f.name, s))
	}
	if f.depth == 0 {
		t.facts.PE = facts
		if facts.Overlay > 0 {
			facts.OverlayType = typeOf(file{r: io.NewSectionReader(f.r, l.overlay, l.overlaySize), size: l.overlaySize}, "")
		}
		facts.Installer, _ = programOf(l).installer(f)
	}
	return authenticode(r, size, l, t.budget.lim.Roots)
}

// lookMSI reads a package's tables and judges its signature. The facts of the outermost one are kept.
// searched is whether the tables' strings were read, and so searched for indicators.
func (t *triage) lookMSI(f file) (s lurehound.SignatureFacts, searched bool) {
	s.Digest = lurehound.DigestNone
	say := func(s string) { t.problem(in(f.name, s)) }
	c, err := openCompound(f.r, f.size, t.budget.lim.Entries)
	if err != nil {
		return s, false // opening it says why
	}
	digest := c.msiDigest
	if f.whole > 0 {
		digest = func(crypto.Hash) ([]byte, error) { return nil, ErrNotRead }
	}
	switch der, err := c.msiSigned(); {
	case err != nil:
		say(err.Error())
		s = lurehound.SignatureFacts{Present: true, Digest: lurehound.DigestUnverified, Problem: err.Error()}
	case der != nil:
		s = verifySigned(der, digest, t.budget.lim.Roots)
	}
	db, err := openMSI(c)
	if err != nil {
		say(fmt.Sprintf("reading its tables: %v", err))
		return s, false
	}
	t.found.enter(f)
	quiet := func(string) {} // facts says what is wrong with a table
	for _, r := range db.table("ServiceInstall", quiet) {
		if name := strings.TrimSpace(r["Name"].text); name != "" {
			t.found.add("service", name, 0, false)
		}
	}
	for _, r := range db.table("CustomAction", quiet) {
		if line := strings.TrimSpace(r["Target"].text); line != "" && runsProgram(r["Type"].number) {
			t.found.command(line)
		}
	}
	t.found.texts(db.strings)
	if facts := db.facts(say); t.facts.MSI == nil && f.depth == 0 {
		t.facts.MSI = facts
	}
	return s, true
}

// runsProgram reports whether a custom action's target is a command line: a program of the package, one
// that is installed, in a folder, or named by a property.
func runsProgram(kind int) bool {
	switch kind & 63 {
	case 2, 18, 34, 50:
		return true
	}
	return false
}
