package lurehound

// isPlain reports whether nothing has to be converted in s: lower-case LDH
// labels of allowed length, none that IDNA reserves, the last one with a letter at its end (so
// no address). Most names of feeds and all permutations are plain, and cost ParseDomain no allocation.
func isPlain(s string) bool {
	if len(s) > MaxNameLen {
		return false
	}
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && s[i] != '.' {
			if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
				return false
			}
			continue
		}
		l := s[start:i]
		if l == "" || len(l) > MaxLabelLen || l[0] == '-' || l[len(l)-1] == '-' || len(l) > 3 && l[2] == '-' && l[3] == '-' {
			return false
		}
		start = i + 1
	}
	return s[len(s)-1] >= 'a'
}

// IsPlain reports whether s is a name that ParseDomain takes as it is. It may be false
// for others that ParseDomain would not change either.
func IsPlain(s string) bool { return isPlain(s) }
