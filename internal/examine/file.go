package examine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"lurehound"
	"lurehound/internal/payload"
)

// parserFile takes apart the file that it is handed.
const parserFile = "triage"

type fileArgs struct {
	Name  string
	Size  int64
	Roots [][]byte
	Now   time.Time
}

// File takes an open regular file of size bytes apart. Where the child gave no answer, the error says why, and the
// facts are what can be had without reading the file's format: its hashes.
func (x Examiner) File(ctx context.Context, f *os.File, size int64, name string) (p lurehound.PayloadFacts, err error) {
	args, err := json.Marshal(fileArgs{name, size, x.Roots, x.Now})
	if err == nil {
		err = ask(ctx, parserFile, f, size, args, &p)
	}
	if err == nil || ctx.Err() != nil {
		return p, err
	}
	p = lurehound.PayloadFacts{Name: name, Type: lurehound.TypeUnknown}
	p.Signature = lurehound.SignatureFacts{Digest: lurehound.DigestUnverified, Problem: "whether it is signed was not read"}
	p.Problems = []string{fmt.Sprintf("it was not taken apart: %v", err)}
	h := payload.NewHashes()
	_, failed := io.Copy(h, reading{ctx, io.NewSectionReader(f, 0, size)})
	var hashed lurehound.PayloadFacts
	h.Sum(&hashed)
	p.Size = size
	if failed != nil || hashed.Size != size {
		p.Problems = append(p.Problems, fmt.Sprintf("only %d of %d bytes could be read, so it has no hash", hashed.Size, size))
		return p, err
	}
	p.Artifact, p.SHA1, p.MD5, p.TLSH, p.SSDeep = hashed.Artifact, hashed.SHA1, hashed.MD5, hashed.TLSH, hashed.SSDeep
	return p, err
}

// reading ends with its context, which is that of one call.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func file(ctx context.Context, input *os.File, args []byte) (any, error) {
	var in fileArgs
	if err := json.Unmarshal(args, &in); err != nil {
		return nil, fmt.Errorf("reading what to look at: %w", err)
	}
	lim := payload.DefaultLimits()
	// The system's bundle may hold certificates of kinds that are not known to us; the others still count.
	lim.Roots, _ = payload.NewRoots(func() time.Time { return in.Now }, in.Roots...)
	p := payload.Triage(ctx, input, in.Size, in.Name, lim)
	fit(&p, mostAnswer)
	return p, nil
}

// mostAnswer leaves room below what a child may answer.
const mostAnswer = 1<<20 - 8<<10

// fit leaves out of the facts what is least needed, until they take no more than limit bytes, and says so.
func fit(p *lurehound.PayloadFacts, limit int) {
	const kept = 100
	for _, step := range []struct {
		what string
		less func()
	}{
		{"the places of indicators", func() { p.Found.Where = nil }},
		{fmt.Sprintf("contained files beyond the first %d", 20*kept), func() { p.Contains = first(p.Contains, 20*kept) }},
		{fmt.Sprintf("contained files beyond the first %d", kept), func() { p.Contains = first(p.Contains, kept) }},
		{fmt.Sprintf("indicators beyond the first %d of a kind", kept), func() {
			for _, l := range []*[]string{&p.Found.IPs, &p.Found.Domains, &p.Found.URLs, &p.Found.Mails, &p.Found.Commands, &p.Found.Services, &p.Found.Files, &p.Found.Registry, &p.Found.Tasks} {
				*l = first(*l, kept)
			}
		}},
		{"all contained files and indicators", func() { p.Contains, p.Found = nil, lurehound.Indicators{} }},
	} {
		if b, err := json.Marshal(p); err != nil || len(b) <= limit {
			return
		}
		step.less()
		p.Problems = append(p.Problems, "to keep the answer short, left out: "+step.what)
	}
}

func first[T any](l []T, n int) []T { return l[:min(len(l), n)] }
