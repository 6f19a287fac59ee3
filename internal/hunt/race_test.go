//go:build race

package hunt_test

// raceEnabled says that everything takes ten times as long.
const raceEnabled = true
