// Command gen makes the laboratory's installers and writes them, packed, where
// internal/lab/installer embeds them:
//
//	go run ./internal/lab/gen
//
// It needs makensis, wixl, msibuild, osslsigncode and ssh-keygen. Keys and certificates
// are new in each run and the private keys stay in a folder that is removed at its
// end, so each run makes other files. The one key that is kept, also from run to run,
// is the SSH key which the fake installer carries; nothing answers to it.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"

	"lurehound"
	"lurehound/internal/lab/installer"
)

func main() {
	if err := run("internal/lab/installer/files"); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// maker makes files in a folder of its own.
type maker struct {
	dir  string // scratch
	out  string // where the packed files go
	made installer.Manifest
}

func run(out string) error {
	dir, err := os.MkdirTemp("", "installers")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m := &maker{dir: dir, out: out}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, step := range []func() error{m.authorities, m.ingredients, m.genuine, m.fake, m.variants, m.others} {
		if err := step(); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	b.WriteString("# Written by internal/lab/gen. How every installer is put together.\n")
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(m.made); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, installer.ManifestFile), b.Bytes(), 0o644)
}

func (m *maker) path(name string) string { return filepath.Join(m.dir, name) }

func (m *maker) write(name, text string) error {
	return os.WriteFile(m.path(name), []byte(text), 0o600)
}

// tool runs a program in the scratch folder.
func (m *maker) tool(name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir = m.dir
	c.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1719486000")
	b, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, b)
	}
	if bytes.Contains(b, []byte("CRITICAL")) { // GLib's programs say so, leave something out and end with 0
		return fmt.Errorf("%s left something out:\n%s", name, b)
	}
	return nil
}

// sign signs in with the key of who, at that time.
func (m *maker) sign(in, out, who string, at time.Time, stamped bool) error {
	_ = os.Remove(m.path(out)) // of an earlier try; osslsigncode doesn't overwrite
	args := []string{"sign", "-h", "sha256", "-certs", who + ".pem", "-key", who + ".key", "-time", fmt.Sprint(at.Unix()), "-in", in, "-out", out}
	if stamped {
		args = append(args, "-TSA-certs", "tsa.pem", "-TSA-key", "tsa.key", "-TSA-time", fmt.Sprint(at.Unix()))
	}
	return m.tool("osslsigncode", args...)
}

// padded signs base with so much noise behind it that the result has size
// bytes. The length of the signature is known only when it is there.
func (m *maker) padded(base, out, who string, size int64, seed uint64, at time.Time, stamped bool) (head, noise int64, err error) {
	b, err := os.ReadFile(m.path(base))
	if err != nil {
		return 0, 0, err
	}
	head = int64(len(b))
	table := int64(8 << 10)
	for range 8 {
		noise = size - table - head
		if err := m.pad(base, out+".unsigned", noise, seed); err != nil {
			return 0, 0, err
		}
		if err := m.sign(out+".unsigned", out, who, at, stamped); err != nil {
			return 0, 0, err
		}
		info, err := os.Stat(m.path(out))
		if err != nil {
			return 0, 0, err
		}
		if info.Size() == size {
			return head, noise, nil
		}
		table = info.Size() - head - noise
	}
	return 0, 0, fmt.Errorf("%s: no signature fits %d bytes", out, size)
}

func (m *maker) pad(base, out string, noise int64, seed uint64) error {
	b, err := os.ReadFile(m.path(base))
	if err != nil {
		return err
	}
	f, err := os.Create(m.path(out))
	if err != nil {
		return err
	}
	r := io.MultiReader(bytes.NewReader(b), io.NewSectionReader(installer.Noise(seed), 0, noise))
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return f.Close()
}

// keep packs what stands before and behind the noise of a made file.
func (m *maker) keep(f installer.File, made string, head, noise int64, seed uint64) error {
	b, err := os.ReadFile(m.path(made))
	if err != nil {
		return err
	}
	rest := b[head+noise:]
	if err := m.pack(f.Name, append(bytes.Clone(b[:head]), rest...)); err != nil {
		return err
	}
	f.Parts = []installer.Part{{Packed: f.Name, Size: head}}
	if noise > 0 {
		f.Parts = append(f.Parts, installer.Part{Seed: seed, Size: noise})
	}
	if len(rest) > 0 {
		f.Parts = append(f.Parts, installer.Part{Packed: f.Name, From: head, Size: int64(len(rest))})
	}
	return m.add(f, b)
}

// derive lists a file that has the head and noise of base, and another end.
func (m *maker) derive(f installer.File, base string, b []byte) error {
	var from installer.File
	for _, made := range m.made.Files {
		if made.Name == base {
			from = made
		}
	}
	head, noise := from.Parts[0], from.Parts[1]
	packed, err := os.ReadFile(m.path(from.Name + ".plain"))
	if err != nil {
		return err
	}
	f.Parts = []installer.Part{head, noise}
	if rest := b[head.Size+noise.Size:]; bytes.Equal(rest, packed[head.Size:]) {
		f.Parts = append(f.Parts, from.Parts[2])
	} else if len(rest) > 0 {
		if err := m.pack(f.Name, rest); err != nil {
			return err
		}
		f.Parts = append(f.Parts, installer.Part{Packed: f.Name, Size: int64(len(rest))})
	}
	for i := 0; i < int(head.Size); i++ {
		start := i
		for i < int(head.Size) && b[i] != packed[i] {
			i++
		}
		if i > start {
			f.Patches = append(f.Patches, installer.Patch{At: int64(start), Hex: hex.EncodeToString(b[start:i])})
		}
	}
	return m.add(f, b)
}

// add completes the list and makes sure that the parts give the file again.
func (m *maker) add(f installer.File, b []byte) error {
	sum := sha256.Sum256(b)
	f.Size, f.SHA256 = int64(len(b)), hex.EncodeToString(sum[:])
	r, err := installer.Assemble(f, func(name string) ([]byte, error) { return os.ReadFile(m.path(name + ".plain")) })
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, f.Size)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 {
		return fmt.Errorf("%s: its parts give %s, not %s", f.Name, got, f.SHA256)
	}
	m.made.Files = append(m.made.Files, f)
	fmt.Println(f.Name, f.Size, f.SHA256)
	return nil
}

func (m *maker) pack(name string, b []byte) error {
	if err := os.WriteFile(m.path(name+".plain"), b, 0o600); err != nil {
		return err
	}
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(b); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.out, name+".gz"), z.Bytes(), 0o644)
}

// Times of the story.
var (
	released = time.Date(2024, 6, 11, 7, 30, 0, 0, time.UTC)
	faked    = time.Date(2024, 6, 27, 11, 0, 0, 0, time.UTC)
)

// variants change the genuine installer in the ways that installers are changed.
func (m *maker) variants() error {
	b, err := os.ReadFile(m.path("genuine.exe"))
	if err != nil {
		return err
	}
	made := m.made.Files[0]
	le := binary.LittleEndian
	security := int(le.Uint32(b[0x3c:])) + 24 + 112 + 4*8 // directory of certificates, PE32+
	list := func(name, what, signer string, digest lurehound.DigestState, unsigned int64, b []byte) error {
		return m.derive(installer.File{Name: name, As: made.As, What: what, Signer: signer, Digest: digest, Unsigned: unsigned, Modified: faked}, "genuine", b)
	}
	tampered := bytes.Clone(b)
	tampered[made.Parts[0].Size-64] ^= 1
	if err := list("tampered", "the genuine one with one bit changed after it was signed", made.Signer, lurehound.DigestMismatch, 0, tampered); err != nil {
		return err
	}
	stuffing := bytes.Repeat([]byte("Laboratory bytes that no signature covers (CVE-2013-3900).\r\n    "), 64)
	stuffed := append(bytes.Clone(b), stuffing...)
	table := int(le.Uint32(stuffed[security:]))
	length := le.Uint32(stuffed[security+4:]) + uint32(len(stuffing))
	le.PutUint32(stuffed[security+4:], length)
	le.PutUint32(stuffed[table:], length) // dwLength of the one WIN_CERTIFICATE
	if err := list("stuffed", "the genuine one with bytes put inside the certificate table", made.Signer, lurehound.DigestMatch, int64(len(stuffing)), stuffed); err != nil {
		return err
	}
	unsigned, err := os.ReadFile(m.path("genuine.exe.unsigned"))
	if err != nil {
		return err
	}
	if err := list("unsigned", "the genuine one before it was signed", "", lurehound.DigestNone, 0, unsigned); err != nil {
		return err
	}
	for _, v := range []struct{ name, key, signer, what string }{
		{"resigned", "other", "Side Street Software Ltd", "the genuine one's program signed by somebody else"},
		{"self-signed", "self", "MicroDicom Ltd", "the genuine one's program under a certificate that calls itself the vendor's and that nobody issued"},
	} {
		if err := m.sign("genuine.exe.unsigned", v.name+".exe", v.key, faked, false); err != nil {
			return err
		}
		b, err := os.ReadFile(m.path(v.name + ".exe"))
		if err != nil {
			return err
		}
		if err := list(v.name, v.what, v.signer, lurehound.DigestMatch, 0, b); err != nil {
			return err
		}
	}
	return nil
}
