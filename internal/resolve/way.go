package resolve

import (
	"context"
	"time"
)

// way is how a server is asked that is not one of the resolvers asked over UDP
// and TCP: the servers of a suffix, and resolvers behind TLS or HTTPS. Such a
// server is asked by Client.exchange only, never over shared sockets.
type way interface {
	exchange(ctx context.Context, c *Client, s *server, t attempt) reply
}

// direct is the way to a name server learnt from outside: a fresh socket for
// each question, without recursion.
type direct struct{}

func (direct) exchange(ctx context.Context, c *Client, s *server, t attempt) reply {
	if err := c.pace.wait(ctx); err != nil {
		return reply{why: whyCancelled}
	}
	query, qend, err := c.query(t.name, t.qtype, !t.plain && !s.noEDNS.Load(), !s.lowerCase.Load())
	if err != nil {
		return reply{why: whyNotName}
	}
	query[2] = 0 // no RD: whoever recurses for us is not who we want to hear
	began := time.Now()
	inner, cancel := context.WithTimeout(ctx, t.wait)
	defer cancel()
	conn, err := c.learnt.DialNameServer(inner, t.network, s.addr)
	if err != nil {
		return reply{why: failed(ctx, err)}
	}
	return c.talk(ctx, conn, s, t, query, qend, began)
}
