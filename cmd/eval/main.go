// Command eval measures the names that are made and matched against real data.
package main

import (
	"context"
	"os"

	"lurehound/internal/eval"
)

func main() {
	os.Exit(eval.Main(context.Background(), os.Environ(), os.Stdout, os.Stderr, os.Args[1:]))
}
