// Package eval measures packages permute and match against data that nobody of
// the project wrote: hosts of real campaigns, popular names, registered look-alikes
// and new names. It makes one table of what is found, missed and falsely accused.
// From the same data it finds the weights of match's score (Fit). It holds no opinion on
// which figure is good enough. docs/eval.md says what each row means.
package eval
