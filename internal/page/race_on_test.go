//go:build race

package page

// Under the race detector the hostile pages are smaller: it makes the same code
// twenty times as slow.
const shrink = 20
