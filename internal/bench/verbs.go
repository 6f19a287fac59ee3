package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"lurehound/internal/config"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/permute"
)

// verbs are what the program does in a process of its own.
func verbs() map[string]func(io.Writer, []string) error {
	return map[string]func(io.Writer, []string) error{"read": read, "index": index, "generate": generate}
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

// generate prints how many permutations of a file of brands were made, with a budget for each, and in how many seconds.
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
	start, n := time.Now(), 0
	for _, b := range brands {
		t, err := permute.NewTarget(b)
		if err != nil {
			return err
		}
		for range permute.Permutations(t, x, permute.Options{Budget: budget}) {
			n++
		}
	}
	_, err = fmt.Fprintf(w, "%d %.3f\n", n, time.Since(start).Seconds())
	return err
}
