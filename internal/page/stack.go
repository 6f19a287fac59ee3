package page

// stack is the open elements, as far as hiding and depth need them.
type stack struct {
	elements []element
	counts   map[uint64]int // open elements by hashed name
}

type element struct {
	name   uint64
	hidden bool
}

func newStack() stack { return stack{counts: map[uint64]int{}} }

func (s *stack) count(name string) int { return s.counts[fnvBytes(fnvOffset, []byte(name))] }

// push opens an element. It yields how many hidden elements were closed by
// that: a paragraph or list item closes the one before it.
func (s *stack) push(name []byte, hidden bool) (closed int) {
	h := fnvBytes(fnvOffset, name)
	if n := len(s.elements); n > 0 {
		top := s.elements[n-1]
		if top.name == h && closesItself(name) || top.name == hashP && isBlock(name) {
			s.drop()
			if top.hidden {
				closed = 1
			}
		}
	}
	s.elements = append(s.elements, element{h, hidden})
	s.counts[h]++
	return closed
}

// pop closes the innermost element of that name and all within it, and yields
// how many of them were hidden. An end tag that fits nothing is ignored.
func (s *stack) pop(name []byte) (hidden int) {
	h := fnvBytes(fnvOffset, name)
	if s.counts[h] == 0 {
		return 0
	}
	for {
		e := s.elements[len(s.elements)-1]
		s.drop()
		if e.hidden {
			hidden++
		}
		if e.name == h {
			return hidden
		}
	}
}

func (s *stack) drop() {
	n := len(s.elements) - 1
	s.counts[s.elements[n].name]--
	s.elements = s.elements[:n]
}

// hashP is the hashed name of a paragraph.
var hashP = fnvBytes(fnvOffset, []byte("p"))

// isVoid lists the void elements of the HTML standard, section 13.1.2.
func isVoid(name []byte) bool {
	switch string(name) {
	case "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param", "frame", "keygen":
		return true
	}
	return false
}

// closesItself lists elements whose end tag may be left out before the next of
// their kind (HTML standard, section 13.1.2.4).
func closesItself(name []byte) bool {
	switch string(name) {
	case "p", "li", "dt", "dd", "option", "tr", "td", "th", "thead", "tbody", "rp", "rt", "optgroup", "a":
		return true
	}
	return false
}

// isBlock lists the usual elements that end an open paragraph.
func isBlock(name []byte) bool {
	switch string(name) {
	case "div", "ul", "ol", "dl", "table", "section", "article", "header", "footer", "main", "nav", "form",
		"h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "hr", "aside", "figure":
		return true
	}
	return false
}
