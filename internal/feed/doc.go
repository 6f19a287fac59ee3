// Package feed streams raw names as they appear in feeds of new domains: the
// lists and the search of SANS ISC, and lists in files. Names are handed on as
// the feed said them; which brand they resemble is for match to say.
//
// Every feed counts what it reads (names and malformed records), goes on
// exactly where a cursor says, and reports what it could not cover. It keeps
// no database: what a batch holds is safe once emit has returned nil.
package feed
