package resolve

import (
	"context"
	"iter"
	"sync"

	"lurehound"
)

// window is how many names may be under way or waiting for a slow one before
// them, so that one name of ten tries does not stop the others.
const window = 4096

// LookupAll looks up every name and yields the facts in the order of the
// names, i counting from 0. At most workers names are asked for at the same
// time (0 means Config.Concurrency). It ends when the names do, when yield
// returns false, or with ctx's error; every name that was taken from names
// before that is yielded, as unknown if need be. All goroutines have ended
// when it returns.
func (c *Client) LookupAll(ctx context.Context, names iter.Seq[string], types []uint16, workers int,
	yield func(i int, name string, f lurehound.DNSFacts) bool) error {
	if workers <= 0 {
		workers = c.concurrency
	}
	inner, stop := context.WithCancel(ctx)
	defer stop()
	b := &bulk{
		jobs:  make(chan *lookup, workers),
		queue: make(chan *lookup, window),
	}
	var wg sync.WaitGroup
	wg.Go(func() { b.feed(inner, names) })
	for range workers {
		wg.Go(func() {
			for l := range b.jobs {
				l.facts = c.Lookup(inner, l.name, types...)
				close(l.done)
			}
		})
	}
	i, wanted := 0, true
	for l := range b.queue {
		<-l.done
		if !wanted {
			continue
		}
		if wanted = yield(i, l.name, l.facts); !wanted {
			stop()
		}
		i++
	}
	wg.Wait()
	return ctx.Err()
}

// bulk is the names under way: jobs for the workers, queue for the order.
type bulk struct {
	jobs  chan *lookup
	queue chan *lookup
}

// lookup is one name. facts is written before done is closed.
type lookup struct {
	name  string
	facts lurehound.DNSFacts
	done  chan struct{}
}

// feed hands every name to the queue and to the workers until ctx is done.
func (b *bulk) feed(ctx context.Context, names iter.Seq[string]) {
	defer close(b.queue)
	defer close(b.jobs)
	for name := range names {
		if ctx.Err() != nil {
			return
		}
		l := &lookup{name: name, done: make(chan struct{})}
		b.queue <- l
		b.jobs <- l
	}
}
