package lab

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// iscFeed is SANS ISC's list of new domains, with its manners: one request a
// second, and only from those who say who they are.
type iscFeed struct {
	data  iscData
	clock *clock
	days  map[string][]iscRecord // by day, by name

	mu   sync.Mutex
	last map[netip.Addr]time.Time // last request that was answered, by visitor
}

// iscRecord is a record as the feed writes it. Score comes as an integer, a
// fraction or a string.
type iscRecord struct {
	DomainName  string  `json:"domainname" xml:"domainname"`
	IP          *string `json:"ip" xml:"ip"`
	Type        *string `json:"type" xml:"type"`
	FirstSeen   string  `json:"firstseen" xml:"firstseen"`
	Score       any     `json:"score" xml:"score"`
	ScoreReason *string `json:"scorereason" xml:"scorereason"`
}

func newISCFeed(sc *scenario, clock *clock) *iscFeed {
	f := &iscFeed{data: sc.ISC, clock: clock, days: map[string][]iscRecord{}, last: map[netip.Addr]time.Time{}}
	for i := range sc.names {
		n := &sc.names[i]
		for _, day := range n.Feed {
			f.days[day] = append(f.days[day], iscRecordOf(n, day))
		}
	}
	for _, records := range f.days {
		slices.SortFunc(records, func(a, b iscRecord) int { return strings.Compare(a.DomainName, b.DomainName) })
	}
	return f
}

// stringScores is how many records there are to one whose score is a string.
const stringScores = 7

func iscRecordOf(n *nameData, day string) iscRecord {
	r := iscRecord{DomainName: n.Domain, FirstSeen: day, Score: 0}
	if len(n.A) > 0 && n.A[0].Is4() && n.Fault == "" {
		ip := n.A[0].String()
		r.IP = &ip
	}
	if n.Reason != "" {
		r.ScoreReason = &n.Reason
	}
	if n.Score != "" && n.Score != "0" {
		if r.Score = any(json.Number(n.Score)); len(n.Domain)%stringScores == 0 {
			r.Score = n.Score
		}
	}
	return r
}

// ServeHTTP checks manners, then finds the form of the question.
func (f *iscFeed) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !hasContact(r.UserAgent()) {
		http.Error(rw, "Please add a contact address to your User-Agent.", http.StatusForbidden)
		return
	}
	visitor, _ := netip.ParseAddrPort(r.RemoteAddr)
	if !f.admit(visitor.Addr()) {
		rw.Header().Set("Retry-After", strconv.Itoa(f.data.RetryAfter))
		http.Error(rw, "Too many requests: at most one a second, please.", http.StatusTooManyRequests)
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) == 2 && parts[0] == "feeds":
		f.file(rw, r, parts[1])
	case len(parts) == 6 && parts[0] == "api" && parts[1] == "recentdomains":
		f.search(rw, r, parts[2], parts[3], parts[4], parts[5])
	case len(parts) == 4 && parts[0] == "api" && parts[1] == "recentdomains":
		f.searchOld(rw, r, parts[2], parts[3])
	case len(parts) == 3 && parts[0] == "recentdomains":
		f.searchOld(rw, r, parts[1], parts[2])
	case len(parts) == 3 && parts[0] == "api" && parts[1] == "domainage":
		f.age(rw, r, parts[2])
	default:
		http.NotFound(rw, r)
	}
}

// hasContact looks for a mail address.
func hasContact(agent string) bool {
	for word := range strings.FieldsFuncSeq(agent, func(c rune) bool { return strings.ContainsRune(" ();,<>+", c) }) {
		local, host, ok := strings.Cut(strings.TrimPrefix(word, "mailto:"), "@")
		if ok && local != "" && strings.Contains(strings.Trim(host, "."), ".") {
			return true
		}
	}
	return false
}

// admit lets one request a second pass, by the laboratory's clock.
func (f *iscFeed) admit(visitor netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.clock.Now()
	if last, ok := f.last[visitor]; ok && now.Sub(last) < time.Second {
		return false
	}
	f.last[visitor] = now
	return true
}

// file serves a day as gzipped JSON: today so far, or one of the closed days
// that are kept.
func (f *iscFeed) file(rw http.ResponseWriter, r *http.Request, name string) {
	now := f.clock.Now()
	day, ok := strings.CutPrefix(name, "domaindata.")
	day, gz := strings.CutSuffix(day, "json.gz")
	if !ok || !gz {
		http.NotFound(rw, r)
		return
	}
	day = strings.TrimSuffix(day, ".")
	today := now.Format(time.DateOnly)
	built := now.Truncate(time.Hour) // it is rebuilt hourly
	if day == "" {
		day = today
	} else {
		at, err := time.Parse(time.DateOnly, day)
		if age := dayAge(now, at); err != nil || age < 1 || age > f.data.FileDays {
			http.NotFound(rw, r)
			return
		}
		built = at.AddDate(0, 0, 1)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	records := f.days[day]
	if records == nil {
		records = []iscRecord{}
	}
	err := json.NewEncoder(z).Encode(records)
	if cerr := z.Close(); err != nil || cerr != nil {
		http.Error(rw, "cannot write the file", http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "application/gzip")
	rw.Header().Set("ETag", fmt.Sprintf(`"%s-%d"`, day, built.Unix()))
	http.ServeContent(rw, r, "", built, bytes.NewReader(b.Bytes()))
}

// dayAge is how many days before now's day a day is; negative in the future.
func dayAge(now, day time.Time) int {
	return int(now.Truncate(24*time.Hour).Sub(day) / (24 * time.Hour))
}

// matching finds a day's names that contain a text; "+" is any. A day out of
// reach has none.
func (f *iscFeed) matching(date, text string) []iscRecord {
	now := f.clock.Now()
	if date == "today" {
		date = now.Format(time.DateOnly)
	}
	at, err := time.Parse(time.DateOnly, date)
	if age := dayAge(now, at); err != nil || age < 0 || age >= f.data.Days {
		return nil
	}
	text = strings.ToLower(text)
	var found []iscRecord
	for _, r := range f.days[date] {
		if text == "+" || strings.Contains(r.DomainName, text) {
			found = append(found, r)
		}
	}
	return found
}

// search is the form since November 2025: with paging.
func (f *iscFeed) search(rw http.ResponseWriter, r *http.Request, date, text, start, count string) {
	from, err1 := strconv.Atoi(start)
	most, err2 := strconv.Atoi(count)
	if err1 != nil || err2 != nil || from < 0 || most < 1 {
		http.Error(rw, "start and count are numbers", http.StatusBadRequest)
		return
	}
	found := f.matching(date, text)
	found = found[min(from, len(found)):]
	found = found[:min(most, f.data.MaxCount, len(found))]
	if found == nil {
		found = []iscRecord{}
	}
	f.write(rw, r, found)
}

// searchOld is the form before: long answers are cut off and nobody says so,
// and where nothing is found there is no list at all.
func (f *iscFeed) searchOld(rw http.ResponseWriter, r *http.Request, date, text string) {
	found := f.matching(date, text)
	f.write(rw, r, found[:min(len(found), f.data.OldLimit)])
}

// age tells when one name was first seen.
func (f *iscFeed) age(rw http.ResponseWriter, r *http.Request, name string) {
	for _, day := range slices.Sorted(maps.Keys(f.days)) {
		for _, rec := range f.days[day] {
			if rec.DomainName == strings.ToLower(name) {
				f.write(rw, r, []iscRecord{rec})
				return
			}
		}
	}
	f.write(rw, r, nil)
}

// write answers in JSON when the query says so, else in XML.
func (f *iscFeed) write(rw http.ResponseWriter, r *http.Request, records []iscRecord) {
	if _, ok := r.URL.Query()["json"]; ok {
		writeJSON(rw, "application/json", http.StatusOK, records)
		return
	}
	b, err := xml.Marshal(struct {
		XMLName xml.Name    `xml:"recentdomains"`
		Domains []iscRecord `xml:"domain"`
	}{Domains: records})
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = rw.Write(append([]byte(xml.Header), b...)) // the client may have gone
}
