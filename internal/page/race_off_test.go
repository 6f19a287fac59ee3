//go:build !race

package page

const shrink = 1
