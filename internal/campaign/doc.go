// Package campaign joins findings that share more than chance explains, and
// puts what is dated about them in order. It is pure; it judges no finding, and
// it knows no brand but by the name that a candidate carries.
package campaign
