package resolve

import (
	"sync/atomic"
	"time"
)

// minRTO is the shortest wait before a question is sent again. RFC 6298 says a
// second, to be safe from stalls of TCP's peers; a name server that stalls
// longer than this gets a small packet too many.
const minRTO = 50 * time.Millisecond

// timing estimates when a server's answer is overdue, as RFC 6298 does for TCP.
type timing struct {
	srtt, rttvar time.Duration // guarded by server.mu
	rto          atomic.Int64  // ns; 0 as long as nothing was measured
}

// measured takes the time that an answer took to a question sent once (Karn's
// rule: of one sent twice nobody knows which sending it answers).
func (t *timing) measured(took time.Duration) {
	if t.srtt == 0 {
		t.srtt, t.rttvar = took, took/2
	} else {
		t.rttvar += ((took - t.srtt).Abs() - t.rttvar) / 4
		t.srtt += (took - t.srtt) / 8
	}
	t.srtt = max(t.srtt, 1)
	t.rto.Store(int64(max(minRTO, t.srtt+4*t.rttvar)))
}

// resendAfter is how long to wait after that many sendings: twice as long each
// time, from the second on where the path is known to lose packets whatever we do.
// 0 means that nothing is known of the server's pace.
func (t *timing) resendAfter(sends int, lossy bool) time.Duration {
	if lossy && sends > 1 {
		sends--
	}
	return time.Duration(t.rto.Load()) << min(sends-1, 6) // 6: 3 s, longer than any try
}
