package match

import (
	"cmp"
	"slices"
)

// Nearly every name resembles nothing, so each layer first asks a bitmap that
// stays in the processor's cache, and only what it lets through a table.

// golden is 2^64 over the golden ratio, made odd: multiplying by it spreads keys over the upper bits.
const golden = 0x9e3779b97f4a7c15

// filter is a bitmap of hashed keys. It answers most questions with no; a yes may be false.
type filter struct {
	bits  []uint64
	shift uint // of a hash, so that it indexes a bit
}

// newFilter has 16 bits or more for each of n keys: false yeses stay under 6 %.
func newFilter(n int) filter {
	size := uint(10)
	for 1<<size < 16*n {
		size++
	}
	return filter{bits: make([]uint64, 1<<(size-6)), shift: 64 - size}
}

func (f *filter) set(key uint64) {
	b := key * golden >> (f.shift & 63)
	f.bits[b>>6] |= 1 << (b & 63)
}

func (f *filter) has(key uint64) bool {
	b := key * golden >> (f.shift & 63)
	return f.bits[b>>6]&(1<<(b&63)) != 0
}

// entry is a value under a key.
type entry[V any] struct {
	key   uint64
	value V
}

// table has lists of values by key, behind a filter. It is built once and then
// only read.
type table[V any] struct {
	filter
	slots  []slot // open addressing; twice as many as keys or more
	values []V
}

// slot is where the values of a key are. A key has one at least.
type slot struct {
	key      uint64
	from, to uint32
}

// newTable files the entries; those of one key stay in order.
func newTable[V any](entries []entry[V]) table[V] {
	slices.SortStableFunc(entries, func(a, b entry[V]) int { return cmp.Compare(a.key, b.key) })
	keys := 0
	for i, e := range entries {
		if i == 0 || e.key != entries[i-1].key {
			keys++
		}
	}
	t := table[V]{filter: newFilter(keys), values: make([]V, 0, len(entries))}
	t.slots = make([]slot, len(t.bits)*64/8) // the filter has 16 bits for each key
	at := 0
	for i, e := range entries {
		t.values = append(t.values, e.value)
		if i == 0 || e.key != entries[i-1].key {
			at = t.find(e.key)
			t.slots[at] = slot{key: e.key, from: uint32(i)}
			t.set(e.key)
		}
		t.slots[at].to = uint32(i + 1)
	}
	return t
}

// find is the slot of a key, or the empty one where it would be.
func (t *table[V]) find(key uint64) int {
	at := int(key * golden >> (t.shift + 3)) // an eighth of the bits
	for t.slots[at].to > 0 && t.slots[at].key != key {
		at = (at + 1) % len(t.slots)
	}
	return at
}

// get has the values of a key.
func (t *table[V]) get(key uint64) []V {
	if !t.has(key) {
		return nil
	}
	s := t.slots[t.find(key)]
	return t.values[s.from:s.to]
}
