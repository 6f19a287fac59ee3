//go:build race

package sandbox

// raceMemory is what the race detector's shadow of all memory counts as data: under it the memory limit binds nobody.
const raceMemory = 1 << 46
