// Package hunt knows the order: sources of names, matching, observing, judging,
// storing. It is the only package that does. Observe touches the network and
// knows no brand and no database; Judge is pure. It declares the stores that it
// needs; it does not implement them.
package hunt
