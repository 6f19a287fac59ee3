// Package match says which brands a name resembles, and why. An Index is built
// once from brands and reads raw names as feeds write them; only names that hit
// become Domains. It is the other end of package permute: every name that permute
// makes for a brand, an Index of that brand finds. It makes no names, does no I/O
// beyond reading the stream it is given, and passes no verdict on what it finds.
// The layers, the cheapest first, are told in find.go.
package match
