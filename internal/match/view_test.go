package match

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Names that are read in one pass give what the folder says of them, whatever was
// read before with the same memory.
func TestViewIsWhatTheFolderSays(t *testing.T) {
	f := newFolder()
	v := new(view)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`([a-zA-Z0-9]{1,4}-?[mrndwRNlic01]{1,6}\.){0,3}[a-z]{2,4}`).Draw(t, "name")
		if !v.read(name, f) || !v.simple {
			t.Skip()
		}
		var raw, plain []byte
		var at []int
		for i := range len(name) {
			c := lowerByte(name[i])
			if raw = append(raw, c); c != '-' && c != '.' {
				plain, at = append(plain, f.plain[c]), append(at, i)
			}
		}
		wide := f.wideForm(string(plain))
		if d := cmp.Diff([]string{string(raw), string(plain), wide}, []string{string(v.raw), string(v.plain.bytes()), string(v.wide.bytes())}); d != "" {
			t.Errorf("%s: -want +got\n%s", name, d)
		}
		for i, from := range at {
			if int(v.plain.at[i]) != from {
				t.Errorf("%s: position %d comes from %d, want %d", name, i, v.plain.at[i], from)
			}
		}
		for _, x := range []*text{&v.plain, v.wide} {
			if x.set&setOf(string(x.bytes())) != setOf(string(x.bytes())) || x.eight(x.n) != 0 {
				t.Errorf("%s: %q has the set %b and ends with %x", name, x.bytes(), x.set, x.eight(x.n))
			}
			piece := 0
			for i := 0; i < x.n; i = x.next(i) {
				from := int(x.at[i])
				if (x.at[i] >= uint16(v.last)) != (i >= x.last) {
					t.Errorf("%s: %q: the last label begins at %d", name, x.bytes(), x.last)
				}
				if from > 0 && raw[from-1] != '-' && raw[from-1] != '.' {
					continue
				}
				if piece == x.pieces || int(x.starts[piece]) != i {
					t.Errorf("%s: %q: pieces begin at %v", name, x.bytes(), x.starts[:x.pieces])
					return
				}
				piece++
			}
			if piece != x.pieces {
				t.Errorf("%s: %q has %d pieces, want %d", name, x.bytes(), x.pieces, piece)
			}
		}
	})
}
