package match

import (
	"unicode"
	"unicode/utf8"

	"lurehound"
)

// Parameters of RFC 3492, section 5.
const (
	punyBase        = 36
	punyTMin        = 1
	punyTMax        = 26
	punySkew        = 38
	punyDamp        = 700
	punyInitialBias = 72
	punyInitialN    = 128
)

// decodePunycode decodes what stands behind "xn--" in lower case and returns the
// number of runes, themselves in lower case. It is here, and not x/net/idna's, because
// the path of names that match nothing must not allocate.
func decodePunycode(out *[lurehound.MaxLabelLen]rune, in []byte) (int, bool) {
	n, pos := 0, 0
	for i := len(in) - 1; i > 0; i-- {
		if in[i] == '-' {
			for _, c := range in[:i] {
				if c >= utf8.RuneSelf || n == len(out) {
					return 0, false
				}
				out[n] = rune(c)
				n++
			}
			pos = i + 1
			break
		}
	}
	code, bias, at := rune(punyInitialN), punyInitialBias, 0
	for first := true; pos < len(in); first = false {
		before, weight := at, 1
		for k := punyBase; ; k += punyBase {
			if pos == len(in) {
				return 0, false
			}
			digit, ok := punyDigit(in[pos])
			pos++
			if !ok || weight > 1<<26 || digit*weight > 1<<30 {
				return 0, false
			}
			at += digit * weight
			t := min(max(k-bias, punyTMin), punyTMax)
			if digit < t {
				break
			}
			weight *= punyBase - t
		}
		if n == len(out) || at > 1<<30 {
			return 0, false
		}
		n++
		bias = punyAdapt(at-before, n, first)
		code += rune(at / n)
		at %= n
		if !utf8.ValidRune(code) || code < punyInitialN {
			return 0, false
		}
		copy(out[at+1:n], out[at:n-1])
		out[at] = code
		at++
	}
	for i, r := range out[:n] {
		out[i] = unicode.ToLower(r)
	}
	return n, n > 0
}

func punyDigit(c byte) (int, bool) {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a'), true
	case '0' <= c && c <= '9':
		return int(c-'0') + 26, true
	}
	return 0, false
}

func punyAdapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyTMin)*punyTMax/2; k += punyBase {
		delta /= punyBase - punyTMin
	}
	return k + (punyBase-punyTMin+1)*delta/(delta+punySkew)
}
