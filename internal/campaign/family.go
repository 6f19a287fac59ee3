package campaign

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"

	"lurehound"
	"lurehound/internal/compare"
)

// Pages that are nearly the same as each other, and not copies of the reference, are one
// family: lures after one template of the attacker's own. Copies of the reference resemble each other
// because they resemble it, whoever made them.

// Two pages of which four fifths agree have one of so many of their smallest hashes in common, all but
// once in a million times. What more pages than crowd have in common is said everywhere.
const (
	firstHashes = 8
	crowd       = 4 * manyHolders
)

// sheet is a page that a finding shows.
type sheet struct {
	finding int
	page    *lurehound.PageFacts
	body    string // SHA-256
}

// families adds to the pivots of findings, by their place, the family that a page of theirs belongs to.
func families(findings []lurehound.Finding, pivots [][]lurehound.Pivot) {
	sheets := sheetsOf(findings)
	parent := make([]int, len(sheets))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	buckets := map[uint32][]int{}
	for i, s := range sheets {
		for _, h := range s.page.TextHash[:min(firstHashes, len(s.page.TextHash))] {
			buckets[h] = append(buckets[h], i)
		}
	}
	for _, b := range buckets {
		if len(b) > crowd {
			continue
		}
		for n, i := range b {
			for _, j := range b[n+1:] {
				if x, y := root(i), root(j); x != y && (sheets[i].body != "" && sheets[i].body == sheets[j].body ||
					compare.Alike(sheets[i].page, sheets[j].page) >= compare.FamilyFrom) {
					parent[x] = y
				}
			}
		}
	}
	members := map[int][]int{}
	for i := range sheets {
		members[root(i)] = append(members[root(i)], i)
	}
	for _, m := range members {
		same := func(i int) bool { return sheets[i].body != "" && sheets[i].body == sheets[m[0]].body }
		if len(m) < 2 || !slices.ContainsFunc(m[1:], func(i int) bool { return !same(i) }) {
			continue // the same bytes are a pivot of their own
		}
		first := slices.MinFunc(m, func(i, j int) int { return older(findings, sheets[i], sheets[j]) })
		p := lurehound.Pivot{Kind: lurehound.PivotFamily, Value: familyName(sheets[first].page)}
		for _, i := range m {
			of := &pivots[sheets[i].finding]
			if at, has := slices.BinarySearchFunc(*of, p, comparePivots); !has {
				*of = slices.Insert(*of, at, p)
			}
		}
	}
}

// sheetsOf are the pages that may belong to a family, each once for a finding.
func sheetsOf(findings []lurehound.Finding) (sheets []sheet) {
	for i, f := range findings {
		// Where nothing is known of the reference, two copies of it are no family of their own.
		if s := f.Comparison.Similarity; f.Verdict == lurehound.TakenDown || s == nil || *s >= compare.ResemblesFrom {
			continue
		}
		n := len(sheets)
		for _, v := range f.Visits() {
			if v.Page == nil || v.Status >= 400 || v.Page.Words < pageWords || len(sheets)-n >= maxOfKind {
				continue
			}
			if !slices.ContainsFunc(sheets[n:], func(s sheet) bool { return s.body != "" && s.body == v.Body.SHA256 }) {
				sheets = append(sheets, sheet{i, v.Page, v.Body.SHA256})
			}
		}
	}
	return sheets
}

// older orders pages by when their names were registered or first seen, so that a
// sibling that comes later does not rename the family.
func older(findings []lurehound.Finding, a, b sheet) int {
	since := func(f lurehound.Finding) time.Time {
		if r := f.Registration(); r != nil && !f.Candidate.Domain.Hosted() && !r.Registered.IsZero() {
			return r.Registered
		}
		return f.Candidate.FirstSeen()
	}
	x, y := findings[a.finding], findings[b.finding]
	return cmp.Or(since(x).Compare(since(y)), cmp.Compare(x.Candidate.Domain.String(), y.Candidate.Domain.String()),
		slices.Compare(a.page.TextHash, b.page.TextHash))
}

func familyName(p *lurehound.PageFacts) string {
	var b []byte
	for _, h := range p.TextHash {
		b = binary.BigEndian.AppendUint32(b, h)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}
