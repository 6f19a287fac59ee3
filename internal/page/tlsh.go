package page

import (
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
)

// TLSH after Oliver, Cheng and Chen, "TLSH – a locality sensitive hash" (2013):
// 128 buckets, a checksum of one byte, the form with the prefix T1.

const (
	tlshMin     = 50      // bytes; below, too few triplets fall into the buckets
	tlshMax     = 1 << 20 // bytes; the hash of a longer page is that of its beginning
	tlshBuckets = 128
	tlshCode    = tlshBuckets / 4 // bytes; two bits a bucket
	tlshHex     = 2 * (3 + tlshCode)
)

// pearson is the permutation of Pearson, "Fast hashing of variable-length text
// strings", CACM 33(6), 1990, table I.
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

// TLSH is the hash of b: "T1" and 70 hex digits. It is "" where b is too short
// or too uniform: fewer than half of the buckets would be filled. Only the
// first MiB is hashed.
func TLSH(b []byte) string {
	if len(b) < tlshMin {
		return ""
	}
	b = b[:min(len(b), tlshMax)]
	buckets, checksum := tlshCount(b)
	filled := 0
	for _, n := range buckets[:tlshBuckets] {
		if n > 0 {
			filled++
		}
	}
	if filled <= tlshBuckets/2 {
		return ""
	}
	sorted := slices.Clone(buckets[:tlshBuckets])
	slices.Sort(sorted)
	q1, q2, q3 := sorted[tlshBuckets/4-1], sorted[tlshBuckets/2-1], sorted[tlshBuckets*3/4-1]
	if q3 == 0 {
		return ""
	}
	out := make([]byte, 3, 3+tlshCode)
	out[0] = swapNibbles(checksum)
	out[1] = swapNibbles(tlshLength(len(b)))
	r1 := byte(uint64(q1) * 100 / uint64(q3) % 16)
	r2 := byte(uint64(q2) * 100 / uint64(q3) % 16)
	out[2] = r1<<4 | r2
	for i := tlshCode - 1; i >= 0; i-- {
		var code byte
		for j, n := range buckets[4*i : 4*i+4] {
			switch {
			case n > q3:
				code |= 3 << (2 * j)
			case n > q2:
				code |= 2 << (2 * j)
			case n > q1:
				code |= 1 << (2 * j)
			}
		}
		out = append(out, code)
	}
	return "T1" + strings.ToUpper(hex.EncodeToString(out))
}

// tlshCount counts, for each window of five bytes, six of its triplets. They
// are salted, as in the paper, with a small prime each.
func tlshCount(b []byte) (buckets [256]uint32, checksum byte) {
	t := &pearson
	salt2, salt3, salt5, salt7, salt11, salt13 := t[2], t[3], t[5], t[7], t[11], t[13]
	c1, c2, c3, c4 := b[3], b[2], b[1], b[0]
	for _, c0 := range b[4:] {
		checksum = t[t[t[t[0]^c0]^c1]^checksum]
		buckets[t[t[t[salt2^c0]^c1]^c2]]++
		buckets[t[t[t[salt3^c0]^c1]^c3]]++
		buckets[t[t[t[salt5^c0]^c2]^c3]]++
		buckets[t[t[t[salt7^c0]^c2]^c4]]++
		buckets[t[t[t[salt11^c0]^c1]^c4]]++
		buckets[t[t[t[salt13^c0]^c3]^c4]]++
		c1, c2, c3, c4 = c0, c1, c2, c3
	}
	return buckets, checksum
}

// tlshLength is the logarithmic length byte; the steps are 1.5, 1.3 and 1.1.
func tlshLength(n int) byte {
	l := math.Log(float64(n))
	switch {
	case n <= 656:
		return byte(int(l / math.Log(1.5)))
	case n <= 3199:
		return byte(int(l/math.Log(1.3) - 8.72777))
	}
	return byte(int(l/math.Log(1.1) - 62.5472))
}

func swapNibbles(b byte) byte { return b<<4 | b>>4 }

// errTLSH is wrapped by what Distance returns.
var errTLSH = errors.New("not a TLSH of 128 buckets")

// Distance is how far two hashes are apart: 0 is alike, under about 30 nearly
// the same bytes, over about 150 unrelated. The prefix T1 may be missing.
func Distance(a, b string) (int, error) {
	x, err := parseTLSH(a)
	if err != nil {
		return 0, err
	}
	y, err := parseTLSH(b)
	if err != nil {
		return 0, err
	}
	d := 0
	if x[0] != y[0] {
		d++
	}
	if l := around(int(swapNibbles(x[1])), int(swapNibbles(y[1])), 256); l <= 1 {
		d += l
	} else {
		d += l * 12
	}
	for _, shift := range []int{4, 0} {
		if q := around(int(x[2]>>shift&15), int(y[2]>>shift&15), 16); q <= 1 {
			d += q
		} else {
			d += (q - 1) * 12
		}
	}
	for i := 3; i < len(x); i++ {
		for shift := 0; shift < 8; shift += 2 {
			step := int(x[i]>>shift&3) - int(y[i]>>shift&3)
			switch step {
			case 3, -3: // opposite quartiles weigh double
				d += 6
			case 1, 2:
				d += step
			default:
				d -= step
			}
		}
	}
	return d, nil
}

func parseTLSH(s string) ([]byte, error) {
	s = strings.TrimPrefix(s, "T1")
	if len(s) != tlshHex {
		return nil, errTLSH
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, errTLSH
	}
	return b, nil
}

// around is the distance of x and y on a circle of n.
func around(x, y, n int) int {
	d := x - y
	if d < 0 {
		d = -d
	}
	return min(d, n-d)
}
