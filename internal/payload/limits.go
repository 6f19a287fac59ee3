package payload

import (
	"errors"
	"fmt"
)

// Limits bound what one triage may cost. The defaults fit a process with
// 512 MiB of memory and 10 s of CPU.
type Limits struct {
	Depth    int    // containers in containers that are opened
	Entries  int    // files of one container, and of all together
	Decoded  int64  // bytes decoded from all containers together
	Held     int64  // bytes of one contained file that are kept in memory; of the rest only the hash is
	HeldAll  int64  // the same for all that are kept at one time
	Ratio    int64  // decoded to packed bytes above which a file is said to be inflated
	Name     int    // bytes of a contained file's name that are repeated
	Listed   int    // bytes of all names and entries that are repeated: the answer of a child process is at most 1 MiB
	Problems int    // sentences about what could not be read
	SevenZip string // the 7z program; "" uses none
	Roots    Roots  // what a signer's chain may end in
}

// DefaultLimits returns the limits that a child process can keep.
func DefaultLimits() Limits {
	return Limits{
		Depth:    3,
		Entries:  10_000,
		Decoded:  1 << 30,
		Held:     64 << 20,
		HeldAll:  160 << 20,
		Ratio:    200,
		Name:     300,
		Listed:   512 << 10,
		Problems: 100,
		SevenZip: "7z",
	}
}

// inflatedFrom is the size below which no ratio is worth a word: a page of
// zeros packs better than 200:1 in any honest archive.
const inflatedFrom = 1 << 20

// Ends of a budget. A reader that meets one stops, and Triage says so once.
var (
	errEntries = errors.New("more files than are read")
	errDecoded = errors.New("more bytes than are decoded")
)

// budget is what is left of the limits. One triage has one; nothing in it is
// shared between goroutines.
type budget struct {
	lim     Limits
	entries int   // files seen in all containers
	decoded int64 // bytes decoded in all containers
	held    int64 // bytes of contained files in memory now
	said    func(string)
}

func newBudget(lim Limits, said func(string)) *budget {
	return &budget{lim: lim, said: said}
}

// problem keeps one sentence about what could not be read.
func (b *budget) problem(format string, args ...any) {
	if b.said != nil {
		b.said(fmt.Sprintf(format, args...))
	}
}

// entry takes one file from the budget.
func (b *budget) entry() error {
	if b.entries >= b.lim.Entries {
		return errEntries
	}
	b.entries++
	return nil
}

// decode takes n decoded bytes from the budget.
func (b *budget) decode(n int64) error {
	b.decoded += n
	if b.decoded > b.lim.Decoded {
		return errDecoded
	}
	return nil
}

// ended reports whether err is the end of a budget, so that nothing more is to
// be read from any container.
func ended(err error) bool { return errors.Is(err, errEntries) || errors.Is(err, errDecoded) }
