package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"lurehound/internal/picture"
	"lurehound/internal/report"
	"lurehound/internal/vault"
)

type vaultCmd struct {
	List    vaultListCmd    `cmd:"" default:"withargs" help:"Show what was downloaded, and from where."`
	Picture vaultPictureCmd `cmd:"" help:"Write a picture that --screenshots made, as PNG."`
	Export  vaultExportCmd  `cmd:"" help:"Write one file as a zip that the password infected opens."`
}

func (vaultCmd) Help() string {
	return `Files that sites offered are kept sealed: no plain byte of them lies on the disk, and nothing here opens them.
An exported zip holds live malware; it is encrypted so that nothing runs or scans it by accident.

Exit status: 0 done; 1 something could not be read.

Examples:
  lurehound vault list
  lurehound vault list --format jsonl | jq -r .sha256
  lurehound vault export 00ab7ef6 --out sample.zip
  lurehound vault picture 6839a00b49eb --out beside.png`
}

// openVault is the vault of the data folder, or nil: nothing is made where there is none.
func openVault(g *Globals, con *console) (*vault.Vault, error) {
	dir, err := g.dataDir(con.env)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(vaultDir(dir)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return vault.Open(vaultDir(dir), vaultKey(dir), 0)
}

// someVault is for who wants to see what is in it.
func someVault(g *Globals, con *console) (*vault.Vault, error) {
	v, err := openVault(g, con)
	if err == nil && v == nil {
		return nil, misuse("nothing was downloaded yet: lurehound hunt --payloads does, --data DIR names another folder")
	}
	return v, err
}

type vaultListCmd struct{}

// Run prints a row for each file; one that cannot be read is a line of its own.
func (vaultListCmd) Run(ctx context.Context, con *console, g *Globals) error {
	format, err := g.format(con.stdout, "table", "json", "jsonl", "csv")
	if err != nil {
		return err
	}
	v, err := someVault(g, con)
	if err != nil {
		return err
	}
	defer v.Close()
	all, problems, err := v.List(ctx)
	if err != nil {
		return err
	}
	rows, err := report.Vault(con.stdout, format, reportOptions(con))
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := rows.Write(report.Kept{
			SHA256: s.SHA256, Size: s.Size, Sealed: s.Sealed, Name: s.Meta.Name, URL: s.Meta.URL, Fetched: s.Meta.Fetched,
		}); err != nil {
			return err
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintln(con.stderr, "lurehound:", oneLine(errors.New(p)))
	}
	if len(problems) > 0 {
		return exitError(exitFailed)
	}
	return nil
}

type vaultExportCmd struct {
	SHA256 string `arg:"" name:"sha256" help:"Hash of the file, or its first digits (eight or more)."`
	Out    string `help:"Where the zip is written; it must not exist. Default: the hash with .zip, here." placeholder:"FILE" type:"path"`
}

// Run writes the zip, whole or not at all.
func (c *vaultExportCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if err := g.noFormat(); err != nil {
		return err
	}
	v, err := someVault(g, con)
	if err != nil {
		return err
	}
	defer v.Close()
	sha, err := whole(ctx, v, c.SHA256)
	if err != nil {
		return err
	}
	name := cmp.Or(c.Out, sha+".zip")
	if err := create(name, func(f *os.File) error { return v.Export(ctx, sha, f) }); err != nil {
		return err
	}
	fmt.Fprintf(con.stderr, "%s: live malware; the password is %s\n", name, vault.Password)
	return nil
}

// create writes a new file for the user's eyes only, whole or not at all.
func create(name string, write func(*os.File) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return misuse("%s exists: name another file with --out", name)
	} else if err != nil {
		return pathless(name, err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

type vaultPictureCmd struct {
	SHA256 string `arg:"" name:"sha256" help:"Hash of the picture, or its first digits (eight or more)."`
	Out    string `help:"Where the PNG is written; it must not exist. Default: the hash with .png, here." placeholder:"FILE" type:"path"`
}

// mostPicture is far above what a browser's window in pixels takes.
const mostPicture = 64 << 20

// Run writes the picture anew from its pixels: whatever else lies in the vault does not leave it this way.
func (c *vaultPictureCmd) Run(ctx context.Context, con *console, g *Globals) error {
	if err := g.noFormat(); err != nil {
		return err
	}
	v, err := someVault(g, con)
	if err != nil {
		return err
	}
	defer v.Close()
	sha, err := whole(ctx, v, c.SHA256)
	if err != nil {
		return err
	}
	sealed, err := v.Open(sha)
	if err != nil {
		return err
	}
	defer sealed.Close()
	b := make([]byte, min(sealed.Size(), mostPicture))
	if _, err := sealed.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	img, err := picture.Read(b)
	if err != nil {
		return misuse("%s is no picture (%v): lurehound vault export hands on files", sha, err)
	}
	png, err := picture.Encode(img)
	if err != nil {
		return err
	}
	name := cmp.Or(c.Out, sha+".png")
	if err := create(name, func(f *os.File) error { _, err := f.Write(png); return err }); err != nil {
		return err
	}
	fmt.Fprintln(con.stderr, name)
	return nil
}

// whole completes a hash of which the beginning was typed.
func whole(ctx context.Context, v *vault.Vault, typed string) (string, error) {
	want := strings.ToLower(strings.TrimSpace(typed))
	if len(want) < 8 || strings.Trim(want, "0123456789abcdef") != "" {
		return "", misuse("%.80q is no SHA-256 nor its first eight digits: lurehound vault list shows them", typed)
	}
	all, _, err := v.List(ctx)
	if err != nil {
		return "", err
	}
	var found []string
	for _, s := range all {
		if strings.HasPrefix(s.SHA256, want) {
			found = append(found, s.SHA256)
		}
	}
	switch len(found) {
	case 0:
		return "", misuse("%s is not in the vault: lurehound vault list shows what is", want)
	case 1:
		return found[0], nil
	}
	return "", misuse("%s begins %d hashes: type more of it", want, len(found))
}
