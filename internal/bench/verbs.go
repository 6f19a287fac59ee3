package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"lurehound/internal/config"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/permute"
	"lurehound/internal/testbed"
)

// verbs are what the program does in a process of its own.
func verbs() map[string]func(io.Writer, []string) error {
	return map[string]func(io.Writer, []string) error{"read": read, "index": index, "generate": generate, "exchange": exchange}
}

// read counts the lines of a file in blocks and does nothing else: nobody who reads names is faster.
func read(w io.Writer, args []string) error {
	if len(args) != 1 {
		return errors.New("read takes a file")
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	lines := 0
	for block := make([]byte, 128<<10); ; { // as large as those of match
		n, err := f.Read(block)
		for rest := block[:n]; ; lines++ {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(w, lines)
	return err
}

// index prints how many seconds the index of a file of brands takes to build.
func index(w io.Writer, args []string) error {
	if len(args) != 1 {
		return errors.New("index takes a file of brands")
	}
	brands, err := config.ReadBrands(args[0])
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := match.NewIndex(brands, lexicon.Default()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%.3f\n", time.Since(start).Seconds())
	return err
}

// generate prints how many permutations of a file of brands were made on all processors, with a budget for each, and in how many seconds.
func generate(w io.Writer, args []string) error {
	if len(args) != 2 {
		return errors.New("generate takes a file of brands and a budget")
	}
	brands, err := config.ReadBrands(args[0])
	if err != nil {
		return err
	}
	budget, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	x := lexicon.Default()
	start := time.Now()
	var next, n atomic.Int64
	var some sync.WaitGroup
	errs := make([]error, runtime.GOMAXPROCS(0))
	for i := range errs {
		some.Go(func() {
			for k := next.Add(1) - 1; k < int64(len(brands)) && errs[i] == nil; k = next.Add(1) - 1 {
				made := 0
				t, err := permute.NewTarget(brands[k])
				if err == nil {
					for range permute.Permutations(t, x, permute.Options{Budget: budget}) {
						made++
					}
				}
				errs[i] = err
				n.Add(int64(made))
			}
		})
	}
	some.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d %.3f\n", n.Load(), time.Since(start).Seconds())
	return err
}

// exchange asks a name server for the A records of the names in a file, from so many goroutines with one miekg/dns Exchange
// each, and prints how many were answered for and how many of them exist.
func exchange(w io.Writer, args []string) error {
	if len(args) != 3 {
		return errors.New("exchange takes a server, a file of names and how many goroutines")
	}
	server, err := netip.ParseAddrPort(args[0])
	if err != nil {
		return err
	}
	names, err := os.ReadFile(args[1])
	if err != nil {
		return err
	}
	goroutines, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	answered, existing, err := testbed.Plain(context.Background(), server, strings.Fields(string(names)), goroutines, dns.TypeA)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%d %d\n", answered, existing)
	return err
}
