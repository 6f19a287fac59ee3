package payload

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The two streams that a signature of a package consists of. The second is
// there when names, sizes and times are signed too.
const (
	msiSignature   = "\x05DigitalSignature"
	msiSignatureEx = "\x05MsiDigitalSignatureEx"
)

// msiSigned returns the PKCS#7 message of a package; nil when it has none.
func (c *compound) msiSigned() ([]byte, error) {
	e := c.rootStream(msiSignature)
	if e == nil {
		return nil, nil
	}
	der, err := c.content(e, 4<<20)
	if err != nil {
		return nil, fmt.Errorf("reading its signature: %w", err)
	}
	return der, nil
}

func (c *compound) rootStream(name string) *cfbEntry {
	for _, e := range c.entries[0].children {
		if e.kind == 2 && streamName(e.name) == name {
			return e
		}
	}
	return nil
}

// msiDigest computes what a signature of a package covers: every stream in the
// order of its name's bytes, each storage's class after its streams. When
// names, sizes and times are signed, their own digest comes first, and it is
// kept in a stream.
func (c *compound) msiDigest(algorithm crypto.Hash) ([]byte, error) {
	if !algorithm.Available() {
		return nil, errors.New("an unknown hash")
	}
	if len(c.problems) > 0 {
		return nil, fmt.Errorf("not all of it could be read: %s", strings.Join(c.problems, "; "))
	}
	h := algorithm.New()
	root := c.entries[0]
	if ex := c.rootStream(msiSignatureEx); ex != nil {
		kept, err := c.content(ex, 64)
		if err != nil {
			return nil, fmt.Errorf("reading the digest of its names: %w", err)
		}
		meta := algorithm.New()
		c.hashNames(meta, root, 0)
		sum := meta.Sum(nil)
		// A kept digest that is not this one was signed for other names: ours then
		// goes into the whole, and the whole differs.
		if string(sum) != string(kept) {
			h.Write([]byte("changed"))
		}
		h.Write(sum)
	}
	if err := c.hashStreams(h, root, 0); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// signedOrder is a storage's children as a signature orders them, without the
// signature itself.
func (c *compound) signedOrder(dir *cfbEntry) []*cfbEntry {
	list := slices.DeleteFunc(slices.Clone(dir.children), func(e *cfbEntry) bool {
		if dir != c.entries[0] {
			return false
		}
		name := streamName(e.name)
		return name == msiSignature || name == msiSignatureEx
	})
	slices.SortStableFunc(list, func(a, b *cfbEntry) int { return compareNames(a.name, b.name) })
	return list
}

func (c *compound) hashStreams(h io.Writer, dir *cfbEntry, depth int) error {
	if depth > 32 {
		return errors.New("its storages are too deep")
	}
	for _, e := range c.signedOrder(dir) {
		if e.kind == 1 {
			if err := c.hashStreams(h, e, depth+1); err != nil {
				return err
			}
			continue
		}
		if _, err := io.Copy(h, c.stream(e)); err != nil {
			return fmt.Errorf("reading %s: %w", e.path(), err)
		}
	}
	h.Write(dir.class[:])
	return nil
}

// hashNames goes over what the directory says of each storage and stream.
func (c *compound) hashNames(h io.Writer, e *cfbEntry, depth int) {
	if depth > 32 {
		return
	}
	if e.kind != 5 {
		h.Write(utf16Bytes(e.name))
	}
	if e.kind == 2 {
		h.Write(e.sizeField[:4])
	} else {
		h.Write(e.class[:])
	}
	h.Write([]byte{byte(e.state), byte(e.state >> 8), byte(e.state >> 16), byte(e.state >> 24)})
	if e.kind != 5 {
		h.Write(e.created[:])
		h.Write(e.changed[:])
	}
	if e.kind != 2 {
		for _, child := range c.signedOrder(e) {
			c.hashNames(h, child, depth+1)
		}
	}
}
