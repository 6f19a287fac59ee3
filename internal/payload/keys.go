package payload

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"lurehound"
)

const maxKey = 32 << 10 // bytes of a key's text

// key reads the private key whose armour begins at i. The key itself is not kept.
func (f finder) key(i int) {
	t := f.run.text
	head, _, ok := strings.Cut(string(t[i+11:min(len(t), i+80)]), "-----")
	if !ok || !strings.HasSuffix(head, "PRIVATE KEY") {
		return
	}
	at := f.run.offset(i)
	if at >= f.f.size { // decoded text has no file behind it
		return
	}
	raw := make([]byte, min(maxKey, f.f.size-at))
	n, _ := f.f.r.ReadAt(raw, at)
	raw = raw[:n]
	if f.run.wide {
		raw = bytes.ReplaceAll(raw, []byte{0}, nil)
	}
	k, ok := readKey(head, string(raw))
	if !ok {
		return
	}
	f.acc.keys[k.Fingerprint] = k
	f.add("key", k.Fingerprint, i)
}

// readKey takes what may be told of a key out of its armour.
func readKey(head, text string) (lurehound.KeyFacts, bool) {
	_, body, ok := strings.Cut(text, "-----BEGIN "+head+"-----")
	body, _, end := strings.Cut(body, "-----END ")
	if !ok || !end {
		return lurehound.KeyFacts{}, false
	}
	encrypted := strings.Contains(body, "ENCRYPTED") || strings.HasPrefix(head, "ENCRYPTED")
	var b strings.Builder
	for l := range strings.Lines(strings.ReplaceAll(body, `\n`, "\n")) {
		if l = strings.TrimSpace(l); !strings.Contains(l, ":") {
			l = strings.TrimPrefix(l, "echo ")
			l, _, _ = strings.Cut(l, ">")
			b.WriteString(strings.TrimRight(strings.TrimSpace(l), "="))
		}
	}
	der, err := base64.RawStdEncoding.DecodeString(b.String())
	if err != nil || len(der) < 16 {
		return lurehound.KeyFacts{}, false
	}
	k := lurehound.KeyFacts{Kind: strings.ToLower(strings.TrimSpace(strings.TrimSuffix(head, "PRIVATE KEY")))}
	switch {
	case encrypted:
		k.Kind = "encrypted"
	case k.Kind == "":
		k.Kind = "pkcs8"
	}
	if rest, ok := bytes.CutPrefix(der, []byte("openssh-key-v1\x00")); ok {
		cipher, rest, _ := sshString(rest)
		_, rest, _ = sshString(rest) // kdf
		_, rest, ok = sshString(rest)
		if !ok || len(rest) < 4 || binary.BigEndian.Uint32(rest) != 1 {
			return lurehound.KeyFacts{}, false
		}
		public, _, ok := sshString(rest[4:])
		algorithm, _, named := sshString(public)
		if !ok || !named {
			return lurehound.KeyFacts{}, false
		}
		der = public // its hash is the fingerprint, encrypted or not
		k.Kind, _, _ = strings.Cut(strings.TrimPrefix(string(algorithm), "ssh-"), "-sha2")
		if string(cipher) != "none" {
			k.Kind = "encrypted " + k.Kind
		}
	}
	sum := sha256.Sum256(der)
	k.Fingerprint = "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
	return k, true
}

// sshString cuts a length-prefixed string (RFC 4251, section 5) off b.
func sshString(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if uint64(n) > uint64(len(b)-4) {
		return nil, nil, false
	}
	return b[4 : 4+n], b[4+n:], true
}
