package payload

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// TLSH: J. Oliver, C. Cheng, Y. Chen, "TLSH – A Locality Sensitive Hash", CTC 2013: 128 buckets,
// one byte of checksum, windows of five bytes.
const (
	tlshBuckets = 128
	tlshCode    = tlshBuckets / 4 // bytes: two bits a bucket
	tlshMinimum = 256             // bytes; shorter inputs say too little
	tlshPrefix  = "T1"            // the version of the format
)

// pearson is the permutation of P. K. Pearson, "Fast Hashing of Variable-Length Text Strings",
// Communications of the ACM 33(6), 1990.
var pearson = [256]byte{
	1, 87, 49, 12, 176, 178, 102, 166, 121, 193, 6, 84, 249, 230, 44, 163,
	14, 197, 213, 181, 161, 85, 218, 80, 64, 239, 24, 226, 236, 142, 38, 200,
	110, 177, 104, 103, 141, 253, 255, 50, 77, 101, 81, 18, 45, 96, 31, 222,
	25, 107, 190, 70, 86, 237, 240, 34, 72, 242, 20, 214, 244, 227, 149, 235,
	97, 234, 57, 22, 60, 250, 82, 175, 208, 5, 127, 199, 111, 62, 135, 248,
	174, 169, 211, 58, 66, 154, 106, 195, 245, 171, 17, 187, 182, 179, 0, 243,
	132, 56, 148, 75, 128, 133, 158, 100, 130, 126, 91, 13, 153, 246, 216, 219,
	119, 68, 223, 78, 83, 88, 201, 99, 122, 11, 92, 32, 136, 114, 52, 10,
	138, 30, 48, 183, 156, 35, 61, 26, 143, 74, 251, 94, 129, 162, 63, 152,
	170, 7, 115, 167, 241, 206, 3, 150, 55, 59, 151, 220, 90, 53, 23, 131,
	125, 173, 15, 238, 79, 95, 89, 16, 105, 137, 225, 224, 217, 160, 37, 123,
	118, 73, 2, 157, 46, 116, 9, 145, 134, 228, 207, 212, 202, 215, 69, 229,
	27, 188, 67, 124, 168, 252, 42, 4, 29, 108, 21, 247, 19, 205, 39, 203,
	233, 40, 186, 147, 198, 192, 155, 33, 164, 191, 98, 204, 165, 180, 117, 76,
	140, 36, 210, 172, 41, 54, 159, 8, 185, 232, 113, 196, 231, 47, 146, 120,
	51, 65, 28, 144, 254, 221, 93, 189, 194, 139, 112, 43, 71, 109, 184, 209,
}

// tlshState counts triples of bytes within windows. The zero value is ready.
type tlshState struct {
	buckets  [256]uint32 // only the first 128 are looked at
	checksum byte
	last     [4]byte // the newest first
	size     int64
}

func (s *tlshState) Write(p []byte) (int, error) {
	n := len(p)
	for ; s.size < 4 && len(p) > 0; p = p[1:] {
		s.last = [4]byte{p[0], s.last[0], s.last[1], s.last[2]}
		s.size++
	}
	b, c, d, e := s.last[0], s.last[1], s.last[2], s.last[3]
	t, check, count := &pearson, s.checksum, &s.buckets
	for _, a := range p {
		// Each triple has its own salt, the primes from 2 to 13 through the table.
		check = t[t[t[1^a]^b]^check]
		count[t[t[t[49^a]^b]^c]]++
		count[t[t[t[12^a]^b]^d]]++
		count[t[t[t[178^a]^c]^d]]++
		count[t[t[t[166^a]^c]^e]]++
		count[t[t[t[84^a]^b]^e]]++
		count[t[t[t[230^a]^d]^e]]++
		b, c, d, e = a, b, c, d
	}
	s.last, s.checksum = [4]byte{b, c, d, e}, check
	s.size += int64(len(p))
	return n, nil
}

// sum is the digest in its T1 form, or "" for an input too short or too uniform to have one.
func (s *tlshState) sum() string {
	if s.size < tlshMinimum {
		return ""
	}
	buckets := s.buckets[:tlshBuckets]
	sorted := slices.Clone(buckets)
	slices.Sort(sorted)
	q1, q2, q3 := sorted[tlshBuckets/4-1], sorted[tlshBuckets/2-1], sorted[tlshBuckets*3/4-1]
	if filled := tlshBuckets - slices.IndexFunc(append(sorted, 1), func(n uint32) bool { return n > 0 }); filled <= tlshBuckets/2 || q3 == 0 {
		return ""
	}
	out := make([]byte, 0, 3+tlshCode)
	out = append(out, swapNibbles(s.checksum), swapNibbles(tlshLength(s.size)), quartileRatio(q1, q3)<<4|quartileRatio(q2, q3))
	for i := tlshCode - 1; i >= 0; i-- {
		var code byte
		for j, n := range buckets[4*i : 4*i+4] {
			var bits byte
			switch {
			case n > q3:
				bits = 3
			case n > q2:
				bits = 2
			case n > q1:
				bits = 1
			}
			code |= bits << (2 * j)
		}
		out = append(out, code)
	}
	return tlshPrefix + strings.ToUpper(hex.EncodeToString(out))
}

func swapNibbles(b byte) byte { return b<<4 | b>>4 }

// quartileRatio is in percent modulo 16, in the arithmetic of the reference: 32 bits, then single precision.
func quartileRatio(q, q3 uint32) byte {
	return byte(uint32(float32(q*100)/float32(q3)) % 16)
}

// tlshLength is the logarithm of a size, finer for larger ones.
func tlshLength(size int64) byte {
	l := math.Log(float64(size))
	switch {
	case size <= 656:
		return byte(int(math.Floor(l / math.Log(1.5))))
	case size <= 3199:
		return byte(int(math.Floor(l/math.Log(1.3) - 8.72777)))
	}
	return byte(int(math.Floor(l/math.Log(1.1) - 62.5472)))
}

// errTLSH is what is no TLSH digest.
var errTLSH = errors.New("not a TLSH digest of 70 hexadecimal digits, with or without T1 before them")

// TLSHDistance is how far two digests are apart: 0 for very like inputs, over 200 for unlike ones.
func TLSHDistance(a, b string) (int, error) {
	x, err := parseTLSH(a)
	if err != nil {
		return 0, err
	}
	y, err := parseTLSH(b)
	if err != nil {
		return 0, err
	}
	distance := 0
	switch d := around(int(swapNibbles(x[1])), int(swapNibbles(y[1])), 256); {
	case d <= 1:
		distance += d
	default:
		distance += 12 * d
	}
	for _, shift := range []int{0, 4} {
		d := around(int(x[2]>>shift&15), int(y[2]>>shift&15), 16)
		if d > 1 {
			d = 12 * (d - 1)
		}
		distance += d
	}
	if x[0] != y[0] {
		distance++
	}
	for i := 3; i < len(x); i++ {
		for shift := 0; shift < 8; shift += 2 {
			d := int(x[i]>>shift&3) - int(y[i]>>shift&3)
			d = max(d, -d)
			if d == 3 {
				d = 6
			}
			distance += d
		}
	}
	return distance, nil
}

// around is the distance on a ring of n.
func around(a, b, n int) int {
	d := max(a-b, b-a)
	return min(d, n-d)
}

func parseTLSH(s string) ([]byte, error) {
	body := strings.TrimPrefix(s, tlshPrefix)
	b, err := hex.DecodeString(body)
	if err != nil || len(b) != 3+tlshCode {
		return nil, fmt.Errorf("reading %.80q: %w", s, errTLSH)
	}
	return b, nil
}
