package cli

import (
	"encoding/pem"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"lurehound/internal/examine"
	"lurehound/internal/lab"
	"lurehound/internal/payload"
	"lurehound/internal/probe"
	"lurehound/internal/vault"
)

// payloadFlags are those of verbs that look at the files that sites offer.
type payloadFlags struct {
	Payloads   bool     `help:"Download the files that are offered into the vault, encrypted, and take them apart (without: parts that tell size, type and signer are read)."`
	KnownBad   []string `help:"Hash that is known to be bad, or file of such hashes, one a line; repeatable." placeholder:"FILE|SHA256"`
	PayloadCap string   `help:"How much of one file is kept: 100MiB, 2GiB; all of it is hashed." default:"512MiB" placeholder:"SIZE"`
}

// check refuses flags that contradict each other.
func (f *payloadFlags) check(passive bool) error {
	if f.Payloads && passive {
		return misuse("--payloads downloads from the sites, and --passive visits none: leave one of them out")
	}
	_, err := parseSize(f.PayloadCap)
	return err
}

// identity is what of the flags makes a hunt another one, besides the hashes.
func (f *payloadFlags) identity() string {
	return fmt.Sprint("payloads ", f.Payloads, " ", f.PayloadCap)
}

// advice says what the flags leave undone.
func (f *payloadFlags) advice(passive bool) []string {
	if len(f.KnownBad) == 0 || f.Payloads || passive {
		return nil
	}
	return []string{"run again with --payloads: of a file of which only parts were read there is no hash to hold against --known-bad"}
}

// parseSize reads bytes, with an optional unit of 1024.
func parseSize(s string) (int64, error) {
	number, unit := s, int64(1)
	for suffix, n := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if rest, ok := strings.CutSuffix(s, suffix); ok {
			number, unit = rest, n
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > 1<<40/unit {
		return 0, misuse("--payload-cap %s: type a size such as 512MiB or 2GiB", s)
	}
	return n * unit, nil
}

// known are the hashes that --known-bad names.
func (f *payloadFlags) known() (payload.KnownBad, error) { return readKnownBad(f.KnownBad) }

// Names in the data folder. The key lies outside of the vault: a copy of the vault alone is harmless.
func vaultDir(data string) string { return filepath.Join(data, "vault") }
func vaultKey(data string) string { return filepath.Join(data, "vault.key") }

// look makes ready what looks at offered files: parts of them, or all when the vault is wanted.
func (w *world) look(f *payloadFlags) error {
	x := examine.Examiner{Now: w.clock.Now()}
	if w.lab != nil {
		root, err := lab.SigningRoot()
		if err != nil {
			return err
		}
		x.Roots = append(x.Roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
	}
	if b := systemRoots(); len(b) > 0 {
		x.Roots = append(x.Roots, b)
	}
	if !f.Payloads {
		w.payloads = probe.NewPayloads(x, nil, w.clock)
		return nil
	}
	v, err := w.openVault(f)
	if err != nil {
		return err
	}
	w.payloads = probe.NewPayloads(x, v, w.clock)
	return nil
}

// openVault opens the vault of this run, once.
func (w *world) openVault(f *payloadFlags) (*vault.Vault, error) {
	if w.vault != nil {
		return w.vault, nil
	}
	limit, err := parseSize(f.PayloadCap)
	if err != nil {
		return nil, err
	}
	dir, err := w.globals.dataDir(w.con.env)
	if err != nil {
		return nil, err
	}
	if w.vault, err = vault.Open(vaultDir(dir), vaultKey(dir), limit); err != nil {
		return nil, err
	}
	w.closers = append(w.closers, w.vault.Close)
	return w.vault, nil
}
