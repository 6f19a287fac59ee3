package permute

// heap yields values in falling order of their likelihood. Equal ones come in
// an order that depends only on the pushes and pops.
type heap[T any] struct{ nodes []node[T] }

type node[T any] struct {
	p float64
	v T
}

func (h *heap[T]) len() int { return len(h.nodes) }

// top is the greatest likelihood; h must not be empty.
func (h *heap[T]) top() float64 { return h.nodes[0].p }

func (h *heap[T]) push(p float64, v T) {
	h.nodes = append(h.nodes, node[T]{})
	i := len(h.nodes) - 1
	for i > 0 {
		up := (i - 1) / 2
		if h.nodes[up].p >= p {
			break
		}
		h.nodes[i] = h.nodes[up]
		i = up
	}
	h.nodes[i] = node[T]{p, v}
}

func (h *heap[T]) pop() T {
	v := h.nodes[0].v
	n := len(h.nodes) - 1
	last := h.nodes[n]
	h.nodes[n] = node[T]{}
	h.nodes = h.nodes[:n]
	if n > 0 {
		h.sink(last)
	}
	return v
}

// replaceTop puts another value in place of the first: a pop and a push in one.
func (h *heap[T]) replaceTop(p float64, v T) { h.sink(node[T]{p, v}) }

func (h *heap[T]) sink(x node[T]) {
	i, n := 0, len(h.nodes)
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && h.nodes[down+1].p > h.nodes[down].p {
			down++
		}
		if x.p >= h.nodes[down].p {
			break
		}
		h.nodes[i] = h.nodes[down]
		i = down
	}
	h.nodes[i] = x
}
