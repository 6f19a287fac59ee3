package payload

import (
	"testing"
	"unicode/utf8"
)

// Every character that may continue a text is let through, as text of UTF-8 from C3 on is.
func TestContinues(t *testing.T) {
	for c := range rune(0x3000) {
		b := utf8.AppendRune(nil, c)
		if b[0] >= 0xc3 && letterUnit(c) && !continues(b, 0) {
			t.Errorf("%U does not continue a text", c)
		}
	}
	if continues([]byte{0xc3, 'a'}, 0) || continues([]byte{0xff, 0x80}, 0) {
		t.Error("what is no UTF-8 continues a text")
	}
}
