// Command lurehound hunts look-alike domains that lure people into fake copies of sites.
package main

import (
	"context"
	"os"

	"lurehound/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Environ(), os.Stdin, os.Stdout, os.Stderr, os.Args[1:]))
}
