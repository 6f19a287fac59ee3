// Package payload takes a downloaded file apart without running it: what it is
// by content, its hashes, its signature, what it contains, and what a defender
// can search for. It is pure but for 7z, which reads the formats that it does
// not read itself, from memory. All that it reads is hostile: it belongs into a
// child process with limits, and what it could not read it says in Problems. It
// does not judge the site that offered the file.
package payload
