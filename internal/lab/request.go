package lab

import (
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Service names who was asked.
type Service string

// The services of the laboratory.
const (
	DNS   Service = "dns"
	HTTP  Service = "http"  // a site, without TLS
	HTTPS Service = "https" // a site
	RDAP  Service = "rdap"  // the bootstrap and the registry
	WHOIS Service = "whois"
	ISC   Service = "isc"
	Proxy Service = "proxy"
)

// Request is what a server of the laboratory was asked.
type Request struct {
	Time    time.Time // by the lab's clock
	Service Service
	Src     netip.AddrPort // as the server sees it: the proxy's, where one is used
	Dst     netip.AddrPort
	Host    string // Host header; name asked for (DNS, WHOIS); target (proxy)
	Method  string // HTTP method; record type (DNS)
	Path    string // path and query, as sent
	Header  http.Header
	Status  int // HTTP status answered; DNS response code; 0 elsewhere
}

// journalChunk keeps an append from copying what is already there.
const journalChunk = 4096

// journal is the access log of all servers, in the order of the answers.
type journal struct {
	mu     sync.Mutex
	chunks [][]Request
}

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	last := len(j.chunks) - 1
	if last < 0 || len(j.chunks[last]) == journalChunk {
		j.chunks = append(j.chunks, make([]Request, 0, journalChunk))
		last++
	}
	j.chunks[last] = append(j.chunks[last], r)
}

func (j *journal) all() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	var rs []Request
	for _, c := range j.chunks {
		rs = append(rs, c...)
	}
	return rs
}
