package resolve

import "context"

// way is how a server is asked that is not one of the resolvers asked over UDP
// and TCP: the servers of a suffix, and resolvers behind TLS or HTTPS. Such a
// server is asked by Client.exchange only, never over shared sockets.
type way interface {
	exchange(ctx context.Context, c *Client, s *server, t attempt) reply
}
