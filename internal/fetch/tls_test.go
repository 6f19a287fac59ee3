package fetch

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"lurehound"
)

// today is the day that certificates are judged by in these tests.
var today = time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	key := newKey(t)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"},
		NotBefore: today.AddDate(-1, 0, 0), NotAfter: today.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{cert: cert, key: key, pool: x509.NewCertPool()}
	a.pool.AddCert(cert)
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// issue makes a certificate for 127.0.0.1 after edit changed the template.
func (a *authority) issue(t testing.TB, edit func(*x509.Certificate)) tls.Certificate {
	key := newKey(t)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "lure.example"},
		NotBefore: today.AddDate(0, 0, -4), NotAfter: today.AddDate(0, 0, 86),
		DNSNames: []string{"lure.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if edit != nil {
		edit(tmpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func selfSigned(t testing.TB, edit func(*x509.Certificate)) tls.Certificate {
	key := newKey(t)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "lure.example"},
		NotBefore: today.AddDate(0, 0, -4), NotAfter: today.AddDate(0, 0, 86), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	if edit != nil {
		edit(tmpl)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// overTLS wraps talk in a TLS server.
func overTLS(cfg *tls.Config, talk func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		tc := tls.Server(c, cfg)
		defer tc.Close()
		if tc.Handshake() != nil {
			return
		}
		talk(tc)
	}
}

func with(certs ...tls.Certificate) *tls.Config { return &tls.Config{Certificates: certs} }

func TestCertificates(t *testing.T) {
	ca := newAuthority(t)
	hundred := ca.issue(t, nil)
	for range 99 {
		hundred.Certificate = append(hundred.Certificate, selfSigned(t, nil).Certificate[0])
	}
	stranger := newAuthority(t).issue(t, nil)
	rsaKey := hugeKey(t, ca)
	ok := answer(page("", "ok"))
	cases := []struct {
		name    string
		talk    func(net.Conn)
		problem string // of the certificate; "" is trusted
		reason  string // start of the reason when there is no answer
		names   int    // in the facts, when not 2
	}{
		{name: "good", talk: overTLS(with(ca.issue(t, nil)), ok)},
		{name: "T01 expired", talk: overTLS(with(ca.issue(t, func(c *x509.Certificate) { c.NotAfter = today.AddDate(0, 0, -1) })), ok), problem: "expired on 2024-06-30"},
		{name: "T01 of tomorrow", talk: overTLS(with(ca.issue(t, func(c *x509.Certificate) { c.NotBefore = today.AddDate(0, 0, 1) })), ok), problem: "not valid before 2024-07-02"},
		{name: "T02 self-signed", talk: overTLS(with(selfSigned(t, nil)), ok), problem: "self-signed", names: 1},
		{name: "T02 of an unknown authority", talk: overTLS(with(stranger), ok), problem: "signed by an unknown authority"},
		{name: "T03 for another name", talk: overTLS(with(ca.issue(t, func(c *x509.Certificate) { c.IPAddresses = nil })), ok), problem: "not for this name", names: 1},
		{name: "T04 100 certificates", talk: overTLS(with(hundred), ok)},
		{name: "T05 10,000 names", talk: overTLS(with(ca.issue(t, func(c *x509.Certificate) {
			for i := range 10_000 {
				c.DNSNames = append(c.DNSNames, fmt.Sprintf("n%d.example", i))
			}
		})), ok), names: maxNames},
		{name: "T06 RSA key of 16 kbit", talk: overTLS(with(rsaKey), ok), reason: "tls: server sent certificate containing RSA key larger than 8192 bits"},
		{name: "T07 NUL in a name", talk: overTLS(with(ca.issue(t, func(c *x509.Certificate) { c.DNSNames = []string{"good.example\x00.lure.example"} })), ok)},
		{name: "T08 handshake drip", talk: afterHello(drip("\x16\x03\x03\x3f\xff")), reason: "timeout in the TLS handshake"},
		{name: "T08 silent", talk: stall, reason: "timeout in the TLS handshake"},
		{name: "T09 closed in the handshake", talk: afterHello(func(net.Conn) {}), reason: "tls: closed in the handshake"},
		{name: "T09 reset in the handshake", talk: afterHello(reset), reason: "tls: connection reset in the handshake"},
		{name: "T09 plain HTTP", talk: afterHello(write("HTTP/1.1 400 Bad Request\r\n\r\n")), reason: "tls: the answer is no TLS"},
		{name: "T09 alert", talk: afterHello(write("\x15\x03\x03\x00\x02\x02\x28")), reason: "tls: handshake failure"},
		{name: "T08 endless records", talk: afterHello(endless("\x16\x03\x03\x00\x04\x00\x00\x00\x00")), reason: "tls: "},
		{name: "T10 a certificate of ours demanded", talk: overTLS(&tls.Config{Certificates: with(ca.issue(t, nil)).Certificates, ClientAuth: tls.RequireAnyClientCert}, ok), reason: "tls: certificate required"},
		{name: "TLS 1.0", talk: overTLS(&tls.Config{Certificates: with(ca.issue(t, nil)).Certificates, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, ok)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			client := local(t, Config{Roots: ca.pool, Clock: day{today}})
			got := visitOnce(t, client, "https://"+serve(t, c.talk)+"/")
			if most := client.limits.Total + time.Second; got.took > most {
				t.Errorf("took %s, the deadline is %s", got.took, most)
			}
			if c.reason != "" {
				if got.err == nil || got.err.Outcome != lurehound.Unknown || !strings.HasPrefix(got.err.Reason, c.reason) {
					t.Errorf("got %v, want unknown: %s", got.err, c.reason)
				}
				demanded := c.name == "T10 a certificate of ours demanded"
				if (got.facts.Certificate != nil) != demanded {
					t.Errorf("certificate %+v", got.facts.Certificate)
				}
				return
			}
			if got.err != nil || string(got.body) != "ok" {
				t.Fatalf("%v %q", got.err, got.body)
			}
			cert := got.facts.Certificate
			if cert == nil {
				t.Fatal("no certificate in the facts")
			}
			if cert.Problem != c.problem || cert.Trusted != (c.problem == "") {
				t.Errorf("trusted %v, problem %q; want %q", cert.Trusted, cert.Problem, c.problem)
			}
			names := c.names
			if names == 0 {
				names = 2
			}
			if len(cert.Names) != names || len(cert.SHA256) != 64 || len(cert.SPKI) != 64 || cert.SHA256 == cert.SPKI {
				t.Errorf("facts %+v", cert)
			}
			if strings.Contains(strings.Join(cert.Names, ""), "\x00") {
				t.Errorf("names %q", cert.Names)
			}
		})
	}
}

// afterHello reads the client's first bytes, then does talk.
func afterHello(talk func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := io.ReadAtLeast(c, make([]byte, 16<<10), 64); err == nil {
			talk(c)
		}
	}
}

// hugeKey is a certificate whose RSA modulus has 16,384 bits. No such key is
// made, that takes minutes: the client must refuse before it computes with it.
func hugeKey(t testing.TB, ca *authority) tls.Certificate {
	n := new(big.Int).Lsh(big.NewInt(1), 16383)
	n.Add(n, big.NewInt(1))
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(4), Subject: pkix.Name{CommonName: "lure.example"},
		NotBefore: today.AddDate(0, 0, -4), NotAfter: today.AddDate(0, 0, 86), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, ca.cert, &rsa.PublicKey{N: n, E: 65537}, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	// The signer shows the right public key and signs with another.
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: liar{small, leaf.PublicKey.(*rsa.PublicKey)}, Leaf: leaf}
}

type liar struct {
	*rsa.PrivateKey
	shown *rsa.PublicKey
}

func (l liar) Public() crypto.PublicKey { return l.shown }

// TestForeignCertificateIsNotTheLures sends the visitor to another site, whose
// key must not become the lure's.
func TestForeignCertificateIsNotTheLures(t *testing.T) {
	ca := newAuthority(t)
	secure := serve(t, overTLS(with(ca.issue(t, nil)), answer(page("", "ok"))))
	_, port, _ := net.SplitHostPort(secure)
	c := local(t, Config{Roots: ca.pool, Clock: day{today}}, "mlcrodicom.info", "www.mlcrodicom.info", "bank.example")
	for host, want := range map[string]bool{"bank.example": false, "www.mlcrodicom.info": true} {
		plain := serve(t, answer("HTTP/1.1 302 Found\r\nLocation: https://"+host+":"+port+"/\r\nContent-Length: 0\r\n\r\n"))
		got := visitOnce(t, c, "http://"+strings.Replace(plain, "127.0.0.1", "mlcrodicom.info", 1))
		if got.err != nil || got.facts.Status != 200 || (got.facts.Certificate != nil) != want {
			t.Errorf("%s: %v, %+v", host, got.err, got.facts)
		}
	}
}
