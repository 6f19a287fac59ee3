package permute

import "lurehound"

// appendRewritten appends the word with both lists of changes applied. ok is
// false when they touch the same characters.
func appendRewritten(dst []byte, word string, a, b []lurehound.Edit) (out []byte, ok bool) {
	from := 0
	for len(a) > 0 || len(b) > 0 {
		c, isA, ok := earlier(a, b)
		if !ok {
			return dst, false
		}
		dst = append(dst, word[from:c.At]...)
		dst = append(dst, c.To...)
		from = end(*c)
		if isA {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return append(dst, word[from:]...), true
}

// merge appends two lists of changes of the same label as one. ok is false when
// they touch the same characters.
func merge(all, a, b []lurehound.Edit) ([]lurehound.Edit, bool) {
	for len(a) > 0 || len(b) > 0 {
		c, isA, ok := earlier(a, b)
		if !ok {
			return all, false
		}
		all = append(all, *c)
		if isA {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return all, true
}

// earlier is the change that comes first in the label; not ok when the first of each overlap.
func earlier(a, b []lurehound.Edit) (c *lurehound.Edit, isA, ok bool) {
	switch {
	case len(b) == 0:
		return &a[0], true, true
	case len(a) == 0:
		return &b[0], false, true
	case end(a[0]) <= b[0].At && (a[0].At < b[0].At || a[0].From == ""):
		return &a[0], true, true
	case end(b[0]) > a[0].At:
		return nil, false, false
	}
	return &b[0], false, true
}

func end(e lurehound.Edit) int { return e.At + len(e.From) }
