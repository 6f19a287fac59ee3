package payload

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
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
	work := f.effort("key", i)
	if work == nil {
		return
	}
	work.spent += f.run.keyEffort()
	if k, ok := readKey(head, f.keyText(i)); ok {
		f.acc.keys[k.Fingerprint] = k
		f.add("key", k.Fingerprint, i)
	}
}

// putty reads the key of PuTTY that begins at i.
func (f finder) putty(i int) {
	work := f.effort("key", i)
	if work == nil {
		return
	}
	work.spent += f.run.keyEffort()
	if k, ok := readPuTTY(f.keyText(i)); ok {
		f.acc.keys[k.Fingerprint] = k
		f.add("key", k.Fingerprint, i)
	}
}

// keyText is the text from i on, lines and all, as long as a key may be.
func (f finder) keyText(i int) string {
	at := f.run.offset(i)
	if at >= f.f.size {
		return ""
	}
	n := int64(maxKey)
	if f.run.wide {
		n *= 2
	}
	raw := make([]byte, min(n, f.f.size-at))
	k, _ := f.f.r.ReadAt(raw, at)
	raw = raw[:k]
	if f.run.wide {
		raw = bytes.ReplaceAll(raw, []byte{0}, nil)
	}
	return string(raw)
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
	if rest, ok := bytes.CutPrefix(der, []byte("openssh-key-v1\x00")); ok {
		return readOpenSSH(rest)
	}
	if encrypted {
		return keyFacts("encrypted", der), true
	}
	if public := publicBlob(der); public != nil {
		return keyFacts(keyKind(public), public), true
	}
	kind := strings.ToLower(strings.TrimSpace(strings.TrimSuffix(head, "PRIVATE KEY")))
	if kind == "" {
		kind = "pkcs8"
	}
	return keyFacts(kind, der), true
}

// keyFacts gives the fingerprint of a public key in SSH's form, or the hash of what there is instead.
func keyFacts(kind string, blob []byte) lurehound.KeyFacts {
	sum := sha256.Sum256(blob)
	return lurehound.KeyFacts{Kind: kind, Fingerprint: "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])}
}

// keyKind is the algorithm that a public key in SSH's form names: "rsa", "dss", "ecdsa", "ed25519".
func keyKind(public []byte) string {
	algorithm, _, _ := sshString(public)
	kind, _, _ := strings.Cut(strings.TrimPrefix(string(algorithm), "ssh-"), "-sha2")
	return kind
}

// readOpenSSH reads a key of OpenSSH's own format after its magic. The public half is open, and without a
// passphrase the comment is too. Source: PROTOCOL.key of OpenSSH.
func readOpenSSH(rest []byte) (lurehound.KeyFacts, bool) {
	cipher, rest, _ := sshString(rest)
	_, rest, _ = sshString(rest) // name of the key derivation
	_, rest, ok := sshString(rest)
	if !ok || len(rest) < 4 || binary.BigEndian.Uint32(rest) != 1 {
		return lurehound.KeyFacts{}, false
	}
	public, rest, ok := sshString(rest[4:])
	if _, _, named := sshString(public); !ok || !named {
		return lurehound.KeyFacts{}, false
	}
	k := keyFacts(keyKind(public), public)
	if string(cipher) != "none" {
		k.Kind = "encrypted " + k.Kind
		return k, true
	}
	private, _, ok := sshString(rest)
	if !ok || len(private) < 8 {
		return k, true
	}
	private = private[8:] // two equal numbers
	fields := map[string]int{"rsa": 7, "dss": 6, "ecdsa": 4, "ed25519": 3}[k.Kind]
	for range fields {
		_, private, _ = sshString(private)
	}
	if comment, _, ok := sshString(private); ok && fields > 0 && len(comment) <= maxValue {
		k.Comment = strings.ToValidUTF8(string(comment), "\uFFFD")
	}
	return k, true
}

// readPuTTY reads a .ppk file of version 2 or 3, whose public half is open.
// Source: appendix C of PuTTY's manual.
func readPuTTY(text string) (lurehound.KeyFacts, bool) {
	lines := strings.FieldsFunc(text, func(c rune) bool { return c == '\r' || c == '\n' })
	var encryption, comment, public string
	for i, l := range lines {
		name, value, ok := strings.Cut(l, ": ")
		switch {
		case !ok || i > 8:
			return lurehound.KeyFacts{}, false
		case name == "Encryption":
			encryption = strings.TrimSpace(value)
		case name == "Comment":
			comment = value
		case name == "Public-Lines":
			n, err := strconv.Atoi(strings.TrimSpace(value))
			if err != nil || n < 1 || n > len(lines)-i-1 {
				return lurehound.KeyFacts{}, false
			}
			public = strings.Join(lines[i+1:i+1+n], "")
		}
		if public != "" {
			break
		}
	}
	blob, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(public, " ", ""))
	if _, _, ok := sshString(blob); err != nil || !ok {
		return lurehound.KeyFacts{}, false
	}
	k := keyFacts(keyKind(blob), blob)
	if encryption != "none" {
		k.Kind = "encrypted " + k.Kind
	}
	if len(comment) <= maxValue {
		k.Comment = strings.ToValidUTF8(comment, "\uFFFD")
	}
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
