// Package cloak finds out whether a site sorts its visitors, and by what. It is
// pure: Next says under which profiles to look, given what was seen, and Judge
// what follows from it. It visits nothing, and it does not say whether what was
// shown is good or bad.
package cloak
