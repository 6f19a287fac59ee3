// Package examine lets the payload package take hostile files apart where they can do no harm: in a limited
// child of our own binary. Both ends of each parser are here. It fetches nothing, stores nothing and
// judges nothing; a child that fails is a problem of the facts, never an error.
package examine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"lurehound"
	"lurehound/internal/payload"
	"lurehound/internal/sandbox"
	"lurehound/internal/vault"
)

// The parsers' names.
const (
	parserSealed  = "triage-sealed"
	parserHeaders = "triage-headers"
)

// Parsers are what a child of ours can be asked for; see sandbox.Main.
func Parsers() map[string]sandbox.Parser {
	return map[string]sandbox.Parser{parserSealed: sealed, parserHeaders: headers, parserFile: file, parserReport: sandboxReport}
}

// MostParts is how many bytes of a file Headers takes: the child's arguments hold at most 1 MiB of JSON.
const MostParts = 512 << 10

// Examiner takes files apart. The zero value trusts no signer's root.
type Examiner struct {
	Roots [][]byte // PEM: what a signer's chain may end in
	Now   time.Time
}

type headersArgs struct {
	Parts []payload.Part
	Size  int64
	Name  string
}

type headersAnswer struct {
	Facts  lurehound.PayloadFacts
	Wanted payload.Range
}

// Headers says what parts of a file of size bytes tell, and which further part would tell the signer.
func (x Examiner) Headers(ctx context.Context, parts []payload.Part, size int64, name string) (lurehound.PayloadFacts, payload.Range) {
	var a headersAnswer
	args, err := json.Marshal(headersArgs{parts, size, name})
	if err == nil {
		err = ask(ctx, parserHeaders, nil, 0, args, &a)
	}
	if err != nil {
		p := lurehound.PayloadFacts{Name: name, Type: lurehound.TypeUnknown, Problems: []string{err.Error()}}
		p.Size, p.Signature.Digest = size, lurehound.DigestUnverified
		return p, payload.Range{}
	}
	return a.Facts, a.Wanted
}

func headers(_ context.Context, _ *os.File, args []byte) (any, error) {
	var in headersArgs
	if err := json.Unmarshal(args, &in); err != nil {
		return nil, fmt.Errorf("reading what to look at: %w", err)
	}
	p, wanted := payload.Headers(payload.Sparse(in.Parts), in.Size, in.Name, payload.Roots{})
	return headersAnswer{p, wanted}, nil
}

type sealedArgs struct {
	Key     []byte
	Name    string
	Roots   [][]byte
	Now     time.Time
	Shallow bool // the headers and the signature only
}

// Sealed takes an artifact of the vault apart. Where that is more than the child's limits allow, its headers and
// signature are read at least, and the hash and size are the vault's own in any case.
func (x Examiner) Sealed(ctx context.Context, v *vault.Vault, stored vault.Stored, name string) lurehound.PayloadFacts {
	args := sealedArgs{Name: name, Roots: x.Roots, Now: x.Now}
	p, err := x.sealed(ctx, v, stored.SHA256, stored.Sealed, args)
	if err != nil && ctx.Err() == nil {
		first := err
		args.Shallow = true
		if p, err = x.sealed(ctx, v, stored.SHA256, stored.Sealed, args); err != nil {
			p = lurehound.PayloadFacts{Name: name, Type: lurehound.TypeUnknown}
			p.Signature.Digest = lurehound.DigestUnverified
		}
		p.Problems = append([]string{fmt.Sprintf("it was not taken apart: %v", first)}, p.Problems...)
	}
	if stored.Capped {
		p.Problems = append(p.Problems, fmt.Sprintf("only the first %d of %d bytes are kept, and taken apart; the hash is of all", stored.Sealed, stored.Size))
		// Hashes of a part would be taken for those of the file.
		p.SHA1, p.MD5, p.TLSH, p.SSDeep = "", "", "", ""
	}
	p.Artifact = stored.Artifact
	return p
}

func (x Examiner) sealed(ctx context.Context, v *vault.Vault, sha string, size int64, in sealedArgs) (p lurehound.PayloadFacts, err error) {
	f, key, err := v.SealedFile(sha)
	if err != nil {
		return p, err
	}
	defer f.Close()
	in.Key = key
	args, err := json.Marshal(in)
	if err != nil {
		return p, fmt.Errorf("asking for artifact %s: %w", sha, err)
	}
	return p, ask(ctx, parserSealed, f, size, args, &p)
}

func sealed(ctx context.Context, input *os.File, args []byte) (any, error) {
	var in sealedArgs
	if err := json.Unmarshal(args, &in); err != nil {
		return nil, fmt.Errorf("reading what to look at: %w", err)
	}
	r, size, err := vault.OpenSealed(input, in.Key)
	if err != nil {
		return nil, err
	}
	// The system's bundle may hold certificates of kinds that are not known to us; the others still count.
	roots, _ := payload.NewRoots(func() time.Time { return in.Now }, in.Roots...)
	if in.Shallow {
		p, _ := payload.Headers(r, size, in.Name, roots)
		return p, nil
	}
	lim := payload.DefaultLimits()
	lim.Roots = roots
	p := payload.Triage(ctx, r, size, in.Name, lim)
	fit(&p, mostAnswer)
	return p, nil
}

// perSecond is how many bytes are hashed and searched in a second of a slow processor: what is padded to
// hundreds of megabytes takes its time without being hostile.
const perSecond = 16 << 20

// ask runs a parser in the child and reads its answer.
func ask(ctx context.Context, parser string, input *os.File, size int64, args []byte, answer any) error {
	lim := sandbox.DefaultLimits()
	lim.CPU += time.Duration(size/perSecond) * time.Second
	lim.Wall = 6 * lim.CPU                     // many may be at it at once
	lim.Programs, lim.Memfd = true, lim.Memory // 7z reads from memory what payload does not read itself
	b, err := sandbox.Run(ctx, parser, input, args, lim)
	if err != nil {
		if f := (*sandbox.Failure)(nil); errors.As(err, &f) && f.Detail != "" {
			return fmt.Errorf("%s: %s", f.Reason, f.Detail)
		}
		return err
	}
	if err := json.Unmarshal(b, answer); err != nil {
		return fmt.Errorf("reading the child's answer: %w", err)
	}
	return nil
}
