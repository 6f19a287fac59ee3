package payload

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// ssdeep: J. Kornblum, "Identifying almost identical files using context triggered piecewise
// hashing", Digital Investigation 3 (2006). Written from the paper.
const (
	ctphSmallest = 3  // the smallest block size; each level doubles it
	ctphLevels   = 31 // block sizes up to 3·2³⁰
	ctphLength   = 64 // letters of the first signature; the second has half
	ctphWindow   = 7  // bytes that decide where a piece ends
	ctphStart    = 0x28021967 & 63
	base64Letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// ctph follows all block sizes that may still be chosen at once. Only the low six bits of the
// pieces' hashes (FNV: times 0x01000193, xor the byte) are ever printed, and they depend on nothing
// above them, so four levels share a word, sixteen bits each. A level without a piece so far has
// hashed all that came, as every higher level has.
type ctph struct {
	full, half    [ctphLevels/4 + 1]uint64 // levels 4g to 4g+3; half stops beginning anew at half the length
	low, high     int                      // levels below low are out of the choice; those from high on have no piece
	h1, h2, h3    uint32
	window        [ctphWindow]byte
	at            int // in window
	size          int64
	letters       [ctphLevels][ctphLength]byte
	pieces        [ctphLevels]int // letters that are final
	tail, midTail [ctphLevels]byte
}

const lanes = 0x0001000100010001

func newCTPH() *ctph {
	s := &ctph{}
	for g := range s.full {
		s.full[g], s.half[g] = ctphStart*lanes, ctphStart*lanes
	}
	return s
}

func (s *ctph) Write(p []byte) (int, error) {
	h1, h2, h3, at := s.h1, s.h2, s.h3, s.at
	first, last := s.low/4, min(s.high, ctphLevels-1)/4
	mask := uint32(1)<<s.low - 1
	for i, c := range p {
		h2 += ctphWindow*uint32(c) - h1
		h1 += uint32(c) - uint32(s.window[at])
		h3 = h3<<5 ^ uint32(c)
		s.window[at] = c
		if at++; at == ctphWindow {
			at = 0
		}
		c4 := uint64(c&63) * lanes
		for g := first; g <= last; g++ {
			s.full[g] = (s.full[g]*0x13 ^ c4) & (63 * lanes)
			s.half[g] = (s.half[g]*0x13 ^ c4) & (63 * lanes)
		}
		// A piece ends where the sum is one less than a multiple of the block size.
		if n := h1 + h2 + h3 + 1; n&mask == 0 && n%ctphSmallest == 0 && n != 0 {
			s.endPieces(bits.TrailingZeros32(n), s.size+int64(i)+1)
			first, last = s.low/4, min(s.high, ctphLevels-1)/4
			mask = uint32(1)<<s.low - 1
		}
	}
	s.h1, s.h2, s.h3, s.at = h1, h2, h3, at
	s.size += int64(len(p))
	return len(p), nil
}

// endPieces ends a piece at each level up to top.
func (s *ctph) endPieces(top int, size int64) {
	top = min(top, ctphLevels-1)
	if top >= s.high {
		whole := s.full[s.high/4] >> (s.high % 4 * 16) & 63
		for g := s.high/4 + 1; g <= min(top+1, ctphLevels-1)/4; g++ {
			s.full[g], s.half[g] = whole*lanes, whole*lanes
		}
		s.high = min(top+1, ctphLevels-1)
	}
	for l := s.low; l <= top; l++ {
		g, shift := l/4, l%4*16
		s.tail[l] = base64Letter[s.full[g]>>shift&63]
		s.midTail[l] = base64Letter[s.half[g]>>shift&63]
		n := s.pieces[l]
		if n < ctphLength-1 {
			s.letters[l][n] = s.tail[l]
			s.pieces[l]++
			s.tail[l] = 0
			s.full[g] = s.full[g]&^(63<<shift) | ctphStart<<shift
			if n < ctphLength/2-1 {
				s.midTail[l] = 0
				s.half[g] = s.half[g]&^(63<<shift) | ctphStart<<shift
			}
		}
	}
	// The input is too long for the lowest level, and the next has letters enough.
	for s.low+1 < ctphLevels && int64(ctphSmallest)<<s.low*ctphLength < size && s.pieces[s.low+1] >= ctphLength/2 {
		s.low++
	}
}

// sum is the digest: block size, signature, signature of the double block size.
func (s *ctph) sum() string {
	level := 0
	for level < ctphLevels-1 && int64(ctphSmallest)<<level*ctphLength < s.size {
		level++
	}
	for level > s.low && s.pieces[level] < ctphLength/2 {
		level--
	}
	open := s.h1+s.h2+s.h3 != 0
	var out strings.Builder
	fmt.Fprintf(&out, "%d:", ctphSmallest<<level)
	out.Write(s.letters[level][:s.pieces[level]])
	s.writeLast(&out, open, s.full[:], level, s.tail[level])
	out.WriteByte(':')
	if next := level + 1; next < ctphLevels {
		out.Write(s.letters[next][:min(s.pieces[next], ctphLength/2-1)])
		s.writeLast(&out, open, s.half[:], next, s.midTail[next])
	}
	return out.String()
}

// writeLast writes the letter of the piece that the end of the input cuts off. A window of zeros
// counts as no piece; then the letter of a full signature is the one at its last end.
func (s *ctph) writeLast(out *strings.Builder, open bool, hashes []uint64, level int, tail byte) {
	if open {
		l := min(level, s.high) // above, all is as at the first level without a piece
		out.WriteByte(base64Letter[hashes[l/4]>>(l%4*16)&63])
	} else if tail != 0 {
		out.WriteByte(tail)
	}
}

var errSSDeep = errors.New("not an ssdeep digest of the form BLOCKSIZE:SIGNATURE:SIGNATURE")

// SSDeepScore is how alike two digests are, from 0 to 100. Digests whose block sizes are more than
// a factor of two apart cannot be compared: 0.
func SSDeepScore(a, b string) (int, error) {
	x, err := parseSSDeep(a)
	if err != nil {
		return 0, err
	}
	y, err := parseSSDeep(b)
	if err != nil {
		return 0, err
	}
	switch {
	case x.block == y.block && x.one == y.one && x.two == y.two:
		return 100, nil
	case x.block == y.block:
		return max(ctphScore(x.one, y.one, x.block), ctphScore(x.two, y.two, 2*x.block)), nil
	case x.block == 2*y.block:
		return ctphScore(x.one, y.two, x.block), nil
	case y.block == 2*x.block:
		return ctphScore(x.two, y.one, y.block), nil
	}
	return 0, nil
}

type ssdeepDigest struct {
	block    int64
	one, two string
}

func parseSSDeep(s string) (ssdeepDigest, error) {
	parts := strings.Split(s, ":")
	bad := fmt.Errorf("reading %.80q: %w", s, errSSDeep)
	if len(parts) != 3 || len(parts[1]) > ctphLength || len(parts[2]) > ctphLength {
		return ssdeepDigest{}, bad
	}
	block, err := strconv.ParseInt(parts[0], 10, 33)
	if err != nil || block < ctphSmallest {
		return ssdeepDigest{}, bad
	}
	return ssdeepDigest{block: block, one: shortRuns(parts[1]), two: shortRuns(parts[2])}, nil
}

// shortRuns cuts runs of one letter to three: they say little and cost much likeness.
func shortRuns(s string) string {
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		if n := len(out); n >= 3 && out[n-1] == s[i] && out[n-2] == s[i] && out[n-3] == s[i] {
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

func ctphScore(a, b string, block int64) int {
	if !shareRun(a, b) {
		return 0
	}
	score := 100 - 100*(editCost(a, b)*ctphLength/(len(a)+len(b)))/ctphLength
	// Short signatures of small blocks agree by chance.
	if limit := block / ctphSmallest * int64(min(len(a), len(b))); block < (99+ctphWindow)/ctphWindow*ctphSmallest && int64(score) > limit {
		score = int(limit)
	}
	return max(score, 0)
}

// shareRun is whether both hold the same seven letters in a row.
func shareRun(a, b string) bool {
	for i := 0; i+ctphWindow <= len(a); i++ {
		if strings.Contains(b, a[i:i+ctphWindow]) {
			return true
		}
	}
	return false
}

// editCost is the least cost to change a into b: 1 for a letter more or less, 2 for another letter.
func editCost(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := corner
			if a[i] != b[j] {
				replaced += 2
			}
			corner = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, replaced)
		}
	}
	return row[len(b)]
}
