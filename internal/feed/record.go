package feed

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// maxNameLen is the longest text that is taken for a name: 253 octets, each of
// which may be written as \DDD or as one character of four bytes.
const maxNameLen = 1024

// iscRecord is one record of SANS ISC. All fields but the name are lenient:
// null, missing, number and string are all seen in the wild.
type iscRecord struct {
	DomainName  *string `json:"domainname"`
	IP          lenient `json:"ip"`
	FirstSeen   lenient `json:"firstseen"`
	Score       lenient `json:"score"`
	ScoreReason lenient `json:"scorereason"`
}

// lenient is the text of a JSON scalar: a string without its quotes, a number
// as it was written, "" for anything else.
type lenient string

func (l *lenient) UnmarshalJSON(b []byte) error {
	*l = ""
	if len(b) == 0 {
		return nil
	}
	switch c := b[0]; {
	case c == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*l = lenient(s)
	case c == '-' || '0' <= c && c <= '9':
		*l = lenient(b)
	}
	return nil
}

// decodeRecord reads one JSON object of the feed. ok is false when it holds no name.
func decodeRecord(b []byte, day time.Time) (n Name, ok bool) {
	var r iscRecord
	if err := json.Unmarshal(b, &r); err != nil || r.DomainName == nil || !plausibleName(*r.DomainName) {
		return Name{}, false
	}
	n = Name{
		Name:      *r.DomainName,
		IP:        string(r.IP),
		Score:     string(r.Score),
		Reason:    string(r.ScoreReason),
		FirstSeen: day,
	}
	if d, ok := parseDay(string(r.FirstSeen)); ok {
		n.FirstSeen = d
	}
	return n, true
}

// encodeRecord writes n in the shape of the feed, for the archive.
func encodeRecord(n Name) []byte {
	nullable := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	var day *string
	if !n.FirstSeen.IsZero() {
		day = nullable(n.FirstSeen.Format(time.DateOnly))
	}
	b, _ := json.Marshal(struct { // strings and pointers to strings always marshal
		DomainName  string  `json:"domainname"`
		IP          *string `json:"ip"`
		FirstSeen   *string `json:"firstseen"`
		Score       *string `json:"score"`
		ScoreReason *string `json:"scorereason"`
	}{n.Name, nullable(n.IP), day, nullable(n.Score), nullable(n.Reason)})
	return b
}

// plausibleName reports whether s can be handed on as a raw name: not empty,
// not endless, without white space and control characters. What it means is
// for ParseDomain to say.
func plausibleName(s string) bool {
	if s == "" || len(s) > maxNameLen {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// parseDay reads the day of "2024-06-27", also with a time behind it.
func parseDay(s string) (time.Time, bool) {
	if len(s) < len(time.DateOnly) || len(s) > len(time.DateOnly) && !strings.ContainsRune("T ", rune(s[10])) {
		return time.Time{}, false
	}
	y, ok1 := digits(s[0:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || s[4] != '-' || s[7] != '-' || y == 0 {
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Month() == time.Month(m) && t.Day() == d // no February 30th
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

// isNoMatch reports whether a JSON object that stands in place of the array says
// that nothing was found. An object with an error does not.
func isNoMatch(object []byte) bool {
	var m map[string]json.RawMessage
	if err := json.Unmarshal(object, &m); err != nil {
		return false
	}
	for k, v := range m {
		if strings.HasPrefix(strings.ToLower(k), "error") && !bytes.Equal(v, []byte("null")) {
			return false
		}
	}
	return true
}
