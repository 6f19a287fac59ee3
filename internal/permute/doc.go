// Package permute makes the names that could be mistaken for a brand's, the
// likeliest first, and says of a name which techniques lead to it. It asks
// nobody whether a name exists (that is resolve) and reads no feeds (that is match).
package permute
