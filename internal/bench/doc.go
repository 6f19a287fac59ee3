// Package bench times the built program beside wc, grep, ripgrep, dnstwist and a loop that
// only reads lines, each in a process of its own, over the same file. It asserts nothing:
// times belong to a machine. What single functions cost is in the packages' own benchmarks.
package bench
