package fetch

import "time"

// Limits are the caps of a client. Zero fields take the value of DefaultLimits.
type Limits struct {
	Total   time.Duration // a visit, from the first dial to the last byte; waiting for the budget is not counted
	Connect time.Duration // one address; by a proxy it is twice that
	TLS     time.Duration // one handshake
	Header  time.Duration // from the request to the end of the answer's header
	Grace   time.Duration // after it, a body must have come at Rate
	Rate    int64         // bytes a second on the wire
	Headers int64         // bytes of all headers of one answer, interim answers included
	Body    int64         // bytes of a body, decoded
	Ratio   int64         // decoded bytes to bytes on the wire
	Hops    int           // redirects followed in one visit
	Budget  int64         // bytes of all bodies held at once

	FileTotal  time.Duration // as Total, for Session.File
	FileWindow time.Duration // in each, a file must come at FileRate
	FileRate   int64         // bytes a second on the wire
	File       int64         // bytes of a file, decoded

	ServiceHeader time.Duration // as Header, for feeds and registries
	ServiceGrace  time.Duration // as Grace, for feeds and registries
	ServiceBody   int64         // as Body, for feeds and registries
}

// DefaultLimits are the caps that a hunt runs with. A real page needs a
// fraction of each: the median page's HTML is about 30 KiB, and browsers
// themselves stop at 20 redirects and 256 KiB of headers.
func DefaultLimits() Limits {
	return Limits{
		Total:   30 * time.Second,
		Connect: 10 * time.Second,
		TLS:     10 * time.Second,
		Header:  10 * time.Second,
		Grace:   5 * time.Second,
		Rate:    1 << 10,
		Headers: 256 << 10,
		Body:    10 << 20,
		Ratio:   200, // text packs to a tenth; deflate's own limit is 1032
		Hops:    8,
		Budget:  96 << 20,

		// Installers are padded to hundreds of megabytes to be too large for scanners; the padding is hashed too.
		FileTotal:  30 * time.Minute,
		FileWindow: 30 * time.Second,
		FileRate:   16 << 10,
		File:       8 << 30,

		// Registries and feeds are slow and long, not hostile: a day of the
		// largest free feed is some 35 MB.
		ServiceHeader: 30 * time.Second,
		ServiceGrace:  30 * time.Second,
		ServiceBody:   256 << 20,
	}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	fill(&l.Total, d.Total)
	fill(&l.Connect, d.Connect)
	fill(&l.TLS, d.TLS)
	fill(&l.Header, d.Header)
	fill(&l.Grace, d.Grace)
	fill(&l.Rate, d.Rate)
	fill(&l.Headers, d.Headers)
	fill(&l.Body, d.Body)
	fill(&l.Ratio, d.Ratio)
	fill(&l.Hops, d.Hops)
	fill(&l.Budget, d.Budget)
	fill(&l.FileTotal, d.FileTotal)
	fill(&l.FileWindow, d.FileWindow)
	fill(&l.FileRate, d.FileRate)
	fill(&l.File, d.File)
	fill(&l.ServiceHeader, d.ServiceHeader)
	fill(&l.ServiceGrace, d.ServiceGrace)
	fill(&l.ServiceBody, d.ServiceBody)
	return l
}

func fill[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
