// Package picture compares pictures of pages: hashes that survive scaling and
// recompression, where two pictures differ when one is shifted, and both side
// by side for people. Pure: bytes in, bytes out, no I/O. It decides nothing.
package picture
