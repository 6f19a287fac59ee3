package permute

import "testing"

func TestTLDSwap(t *testing.T) {
	check(t, tldSwap(), "microdicom", "info org co.uk com.br us.com top", "com xn--p1ai duckdns.org")
}
