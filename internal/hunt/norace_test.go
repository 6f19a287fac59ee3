//go:build !race

package hunt_test

const raceEnabled = false
