// Command bench holds lurehound against the tools that people use in its place.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"lurehound/internal/bench"
)

func main() {
	// An interrupted run ends the name servers that it started.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := bench.Main(ctx, os.Environ(), os.Stdout, os.Stderr, os.Args[1:])
	stop()
	os.Exit(status)
}
