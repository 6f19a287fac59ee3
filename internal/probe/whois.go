package probe

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"lurehound"
)

const (
	whoisPort = 43
	whoisRoot = "whois.iana.org"
	maxWhois  = 64 << 10 // bytes of one answer
)

// whois asks the registry over port 43 (RFC 3912), where it has no RDAP.
func (r *registries) whois(ctx context.Context, d lurehound.Domain) (*lurehound.RegistrationFacts, lurehound.Outcome, string) {
	tld := d.Suffix()[strings.LastIndexByte(d.Suffix(), '.')+1:]
	referral, err := r.question(ctx, whoisRoot, tld)
	if err != nil {
		return nil, lurehound.Unknown, "whois: " + shortError(err)
	}
	server := whoisReferral(referral)
	if server == "" {
		return nil, lurehound.Unknown, "the registry has neither RDAP nor WHOIS"
	}
	answer, err := r.question(ctx, server, d.Registrable())
	if err != nil {
		return nil, lurehound.Unknown, "whois: " + shortError(err)
	}
	facts, outcome, reason := whoisFacts(answer, d.Registrable())
	if facts != nil {
		facts.Source = "whois " + server
	}
	return facts, outcome, reason
}

func (r *registries) question(ctx context.Context, server, query string) (string, error) {
	if err := r.wait(ctx, server); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, registryTimeout)
	defer cancel()
	c, err := r.services.DialService(ctx, server, whoisPort)
	if err != nil {
		return "", err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := io.WriteString(c, query+"\r\n"); err != nil {
		return "", err
	}
	b, err := io.ReadAll(io.LimitReader(c, maxWhois+1))
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", err
	case len(b) > maxWhois:
		return "", fmt.Errorf("answer is larger than %d bytes", maxWhois)
	case len(strings.TrimSpace(string(b))) == 0:
		return "", errors.New("empty answer")
	}
	return string(b), nil
}

// whoisReferral is the server that IANA names, "" when it names none.
func whoisReferral(answer string) string {
	for key, value := range whoisLines(answer) {
		if key == "refer" || key == "whois" {
			if d, err := lurehound.ParseDomain(value); err == nil {
				return d.String()
			}
		}
	}
	return ""
}

// absentPhrases begin the lines with which registries say that a name is free.
var absentPhrases = [...]string{"no match", "not found", "no data found", "no entries found",
	"domain not found", "no object found", "status: free", "status: available", "the queried object does not exist"}

// whoisFacts reads the key: value form that gTLDs must use and many ccTLDs
// follow. An answer that is neither that nor a plain "free" is unknown.
func whoisFacts(answer, domain string) (*lurehound.RegistrationFacts, lurehound.Outcome, string) {
	f := &lurehound.RegistrationFacts{}
	about := false
	for key, value := range whoisLines(answer) {
		switch key {
		case "domain name", "domain":
			about = about || strings.EqualFold(strings.TrimSuffix(value, "."), domain)
		case "creation date", "created", "created on", "registered", "registered on", "registration time":
			setTime(&f.Registered, value)
		case "updated date", "changed", "last-update", "last modified":
			setTime(&f.Changed, value)
		case "registry expiry date", "expiry date", "expires", "expires on", "expiration date", "registrar registration expiration date", "paid-till":
			setTime(&f.Expires, value)
		case "registrar", "sponsoring registrar":
			setText(&f.Registrar, value)
		case "registrar abuse contact email":
			setText(&f.Abuse, value)
		case "name server", "nserver":
			if len(f.NS) < 64 {
				f.NS = append(f.NS, strings.ToLower(strings.Fields(value)[0]))
			}
		case "domain status", "status", "state":
			if len(f.Status) < 64 {
				f.Status = append(f.Status, eppStatus(strings.Fields(value)[0]))
			}
		}
	}
	if about && (!f.Registered.IsZero() || f.Registrar != "" || len(f.NS) > 0) {
		return f, lurehound.Found, ""
	}
	for line := range strings.Lines(answer) {
		l := strings.ToLower(strings.Trim(line, " \t\r\n%#>"))
		for _, p := range absentPhrases {
			if strings.HasPrefix(l, p) {
				return nil, lurehound.Absent, "not registered"
			}
		}
	}
	return nil, lurehound.Unknown, "whois: answer cannot be read"
}

// whoisLines yields "key: value" lines, keys in lower case, comments and empty values left out.
func whoisLines(answer string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		sc := bufio.NewScanner(strings.NewReader(answer))
		for sc.Scan() {
			line := strings.TrimSpace(sc.Text())
			if line == "" || line[0] == '%' || line[0] == '#' || line[0] == '>' {
				continue
			}
			key, value, ok := strings.Cut(line, ":")
			value = strings.TrimSpace(value)
			if ok && value != "" && !yield(strings.ToLower(strings.TrimSpace(key)), value) {
				return
			}
		}
	}
}

func setText(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

func setTime(to *time.Time, value string) {
	if !to.IsZero() {
		return
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly, "02-Jan-2006", "2006.01.02", "02.01.2006", "2006/01/02"} {
		if t, err := time.Parse(layout, value); err == nil {
			*to = datable(t)
			return
		}
	}
	if day, _, ok := strings.Cut(value, " "); ok {
		setTime(to, day)
	}
}

// eppStatus turns clientHold into "client hold", as RFC 8056 does.
func eppStatus(s string) string {
	var b strings.Builder
	for _, c := range s {
		if 'A' <= c && c <= 'Z' {
			b.WriteByte(' ')
			c |= 0x20
		}
		b.WriteRune(c)
	}
	return strings.TrimSpace(b.String())
}
