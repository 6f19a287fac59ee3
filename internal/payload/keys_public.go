package payload

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
)

// publicBlob is the public half of a private key in DER, PKCS#1, SEC 1 or PKCS#8, as SSH writes it on the
// wire (RFC 4253, section 6.6; RFC 5656, section 3.1; RFC 8709, section 4); nil for other keys. The numbers are not verified to
// be a working key: the fingerprint is that of what is written there.
func publicBlob(der []byte) []byte {
	var wrapped struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Key       []byte
	}
	if _, err := asn1.Unmarshal(der, &wrapped); err == nil {
		switch wrapped.Algorithm.Algorithm.String() {
		case "1.2.840.113549.1.1.1":
			return rsaBlob(wrapped.Key)
		case "1.2.840.10045.2.1":
			var curve asn1.ObjectIdentifier
			if _, err := asn1.Unmarshal(wrapped.Algorithm.Parameters.FullBytes, &curve); err != nil {
				return nil
			}
			return ecBlob(wrapped.Key, curve)
		case "1.3.101.112":
			var seed []byte
			if _, err := asn1.Unmarshal(wrapped.Key, &seed); err != nil || len(seed) != ed25519.SeedSize {
				return nil
			}
			public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
			return sshStrings([]byte("ssh-ed25519"), public)
		}
		return nil
	}
	if b := rsaBlob(der); b != nil {
		return b
	}
	if b := ecBlob(der, nil); b != nil {
		return b
	}
	return dsaBlob(der)
}

// rsaBlob reads the RSAPrivateKey of RFC 8017.
func rsaBlob(der []byte) []byte {
	var k struct {
		Version int
		N, E, D *big.Int
	}
	if _, err := asn1.Unmarshal(der, &k); err != nil || k.Version != 0 || k.N.Sign() <= 0 || k.E.Sign() <= 0 || k.E.BitLen() > 64 {
		return nil
	}
	return sshStrings([]byte("ssh-rsa"), sshNumber(k.E), sshNumber(k.N))
}

// ecBlob reads the ECPrivateKey of RFC 5915; in PKCS#8 its curve stands outside.
func ecBlob(der []byte, curve asn1.ObjectIdentifier) []byte {
	var k struct {
		Version int
		Key     []byte
		Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	}
	if _, err := asn1.Unmarshal(der, &k); err != nil || k.Version != 1 {
		return nil
	}
	if curve == nil {
		curve = k.Curve
	}
	for _, c := range []struct {
		oid, name string
		curve     ecdh.Curve
		size      int
	}{
		{"1.2.840.10045.3.1.7", "nistp256", ecdh.P256(), 32},
		{"1.3.132.0.34", "nistp384", ecdh.P384(), 48},
		{"1.3.132.0.35", "nistp521", ecdh.P521(), 66},
	} {
		if curve.String() != c.oid {
			continue
		}
		n := new(big.Int).SetBytes(k.Key)
		if n.BitLen() > 8*c.size {
			return nil
		}
		private, err := c.curve.NewPrivateKey(n.FillBytes(make([]byte, c.size)))
		if err != nil {
			return nil
		}
		return sshStrings([]byte("ecdsa-sha2-"+c.name), []byte(c.name), private.PublicKey().Bytes())
	}
	return nil
}

// dsaBlob reads OpenSSL's form of a DSA key: version, p, q, g, y, x.
func dsaBlob(der []byte) []byte {
	var k struct {
		Version       int
		P, Q, G, Y, X *big.Int
	}
	if rest, err := asn1.Unmarshal(der, &k); err != nil || len(rest) > 0 || k.Version != 0 {
		return nil
	}
	return sshStrings([]byte("ssh-dss"), sshNumber(k.P), sshNumber(k.Q), sshNumber(k.G), sshNumber(k.Y))
}

// sshStrings joins length-prefixed strings (RFC 4251, section 5).
func sshStrings(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(p))), p...)
	}
	return b
}

// sshNumber is the inside of an mpint: no needless zeros, and one where the first bit is set.
func sshNumber(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) > 0 && b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}
