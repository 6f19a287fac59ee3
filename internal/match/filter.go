package match

import "slices"

// Nearly every name resembles nothing, so each layer first asks a bitmap that
// stays in the processor's cache, and only what it lets through a table.

// golden is 2^64 over the golden ratio, made odd: multiplying by it spreads keys over the upper bits.
const golden = 0x9e3779b97f4a7c15

// filter is a bitmap of hashed keys. It answers most questions with no; a yes may be false.
// Both bits of a key stand in one word.
type filter struct {
	bits  []uint64
	shift uint // of a hash, so that it indexes a word
}

// newFilter has 16 bits or more for each of n keys: about 2 % of yeses are false.
func newFilter(n int) filter {
	size := uint(4)
	for 64<<size < 16*n {
		size++
	}
	return filter{bits: make([]uint64, 1<<size), shift: 64 - size}
}

func (f *filter) set(key uint64) {
	h := key * golden
	f.bits[h>>(f.shift&63)] |= twoBits(h)
}

func (f *filter) has(key uint64) bool {
	h := key * golden
	m := twoBits(h)
	return f.bits[h>>(f.shift&63)]&m == m
}

// twoBits are the bits of a hash in its word. The upper half is the best mixed;
// its highest bits choose the word.
func twoBits(h uint64) uint64 { return 1<<(h>>34&63) | 1<<(h>>28&63) }

// entry is a value under a key.
type entry[V any] struct {
	key   uint64
	value V
}

// table has lists of values by key, behind a filter. It is built once and then
// only read.
type table[V any] struct {
	filter
	shift  uint     // of a hash, so that it indexes starts
	starts []uint32 // where the entries of a bucket begin; they end where the next one's begin
	keys   []uint64 // of each entry; those of one key are next to each other
	values []V
}

// newTable files the entries; those of one key stay in order. No sort: the buckets
// are counted, and have about one entry each.
func newTable[V any](entries []entry[V]) table[V] {
	size := uint(1)
	for 1<<size < len(entries) {
		size++
	}
	t := table[V]{
		filter: newFilter(len(entries)), shift: 64 - size, starts: make([]uint32, 1<<size+1),
		keys: make([]uint64, len(entries)), values: make([]V, len(entries)),
	}
	for _, e := range entries {
		t.starts[t.bucket(e.key)+1]++
		t.set(e.key)
	}
	for i := 1; i < len(t.starts); i++ {
		t.starts[i] += t.starts[i-1]
	}
	filed := make([]entry[V], len(entries))
	next := slices.Clone(t.starts)
	for _, e := range entries {
		b := t.bucket(e.key)
		filed[next[b]] = e
		next[b]++
	}
	for b := range len(t.starts) - 1 {
		if in := filed[t.starts[b]:t.starts[b+1]]; len(in) > 2 {
			slices.SortStableFunc(in, compareKeys[V])
		} else if len(in) == 2 && in[0].key > in[1].key {
			in[0], in[1] = in[1], in[0]
		}
	}
	for i, e := range filed {
		t.keys[i], t.values[i] = e.key, e.value
	}
	return t
}

func compareKeys[V any](a, b entry[V]) int {
	switch {
	case a.key < b.key:
		return -1
	case a.key > b.key:
		return 1
	}
	return 0
}

func (t *table[V]) bucket(key uint64) uint64 { return key * golden >> (t.shift & 63) }

// get has the values of a key.
func (t *table[V]) get(key uint64) []V {
	if !t.has(key) {
		return nil
	}
	b := t.bucket(key)
	from, end := t.starts[b], t.starts[b+1]
	for from < end && t.keys[from] != key {
		from++
	}
	if from == end {
		return nil
	}
	to := from + 1
	for to < end && t.keys[to] == key {
		to++
	}
	return t.values[from:to]
}
