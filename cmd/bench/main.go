// Command bench holds lurehound against the tools that people use in its place.
package main

import (
	"context"
	"os"

	"lurehound/internal/bench"
)

func main() {
	os.Exit(bench.Main(context.Background(), os.Environ(), os.Stdout, os.Stderr, os.Args[1:]))
}
