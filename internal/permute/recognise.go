package permute

import "strings"

// What most recognisers ask: how two labels that are nearly equal differ. None
// of these allocates.

// common is how many octets both begin with.
func common(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// slipReach is how many characters one slip takes out or puts in at most: two where
// neighbours change places or "rn" stands for m.
const slipReach = 2

// withinSlip reports whether a and b differ, and that in one place of few characters.
func withinSlip(a, b string) bool {
	n := len(a) - len(b)
	if n < -slipReach || n > slipReach {
		return false
	}
	at := common(a, b)
	a, b = a[at:], b[at:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= slipReach && len(b) <= slipReach && len(a)+len(b) > 0
}

// oneMore reports whether long is short with one character added, and where:
// of a run of equal characters the first counts as the added one.
func oneMore(short, long string) (at int, ok bool) {
	if len(long) != len(short)+1 {
		return 0, false
	}
	at = common(short, long)
	if short[at:] != long[at+1:] {
		return 0, false
	}
	for at > 0 && long[at-1] == long[at] {
		at--
	}
	return at, true
}

// oneOther reports whether the labels differ in one character, and where.
func oneOther(a, b string) (at int, ok bool) {
	if len(a) != len(b) {
		return 0, false
	}
	at = common(a, b)
	return at, at < len(a) && a[at+1:] == b[at+1:]
}

// neighboursSwapped reports whether two different neighbours of a have changed places in b.
func neighboursSwapped(a, b string) (at int, ok bool) {
	if len(a) != len(b) {
		return 0, false
	}
	at = common(a, b)
	return at, at+1 < len(a) && a[at] == b[at+1] && a[at+1] == b[at] && a[at+2:] == b[at+2:]
}

// sameBut reports whether b is a without any of the octet c, which a has.
func sameBut(a, b string, c byte) bool {
	n := strings.Count(a, string(rune(c)))
	if n == 0 || len(b) != len(a)-n {
		return false
	}
	for i, j := 0, 0; i < len(a); i++ {
		if a[i] == c {
			continue
		}
		if a[i] != b[j] {
			return false
		}
		j++
	}
	return true
}
