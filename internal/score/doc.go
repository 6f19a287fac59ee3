// Package score turns what was observed into signals, a verdict and a number.
// It is pure: the same case gives the same judgement, at any time and on any
// machine. It looks nothing up and compares no pages; it says what the evidence
// allows, and no more. The table of rules is rules.go.
package score
