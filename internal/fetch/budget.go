package fetch

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// smallBody is the size up to which a body is held from the pool of small ones.
// Nine of ten pages fit.
const smallBody = 256 << 10

// budget bounds the bytes of all bodies that are held at once, and of what is
// made of them while they are taken apart. There are three pools, so that who
// waits for a large share (holding a small one) waits only for holders of large
// shares, who wait for readers at most, who wait for nobody: nothing can lock up.
type budget struct {
	small, large, reading *semaphore.Weighted
	most                  int64 // largest body
	page                  int64 // most that reading one body is counted as
}

func newBudget(total, most int64) *budget {
	small := max(total/6, smallBody)
	return &budget{
		small:   semaphore.NewWeighted(small),
		large:   semaphore.NewWeighted(max(total-2*small, most)),
		reading: semaphore.NewWeighted(small),
		most:    most,
		page:    max(small/2, 1),
	}
}

// readingCost is how many times a page's size reading it takes beside the body
// itself: the text in UTF-8, up to three times as long, and what it is made in. A
// page that is longer than what is converted of one counts as half of the pool.
const readingCost = 4

// read runs what takes a body of n bytes apart, when there is room for it.
func (b *budget) read(n int, apart func()) {
	cost := min(int64(n)*readingCost, b.page)
	_ = b.reading.Acquire(context.Background(), cost) // readers compute, and end by themselves
	defer b.reading.Release(cost)
	apart()
}

// share is what one body holds of the budget. The zero share holds nothing.
type share struct {
	b            *budget
	small, large int64
}

// begin waits for a small share.
func (b *budget) begin(ctx context.Context) (share, error) {
	if err := b.small.Acquire(ctx, smallBody); err != nil {
		return share{}, err
	}
	return share{b: b, small: smallBody}, nil
}

// grow waits until the largest body fits.
func (s *share) grow(ctx context.Context) error {
	if s.large > 0 {
		return nil
	}
	if err := s.b.large.Acquire(ctx, s.b.most); err != nil {
		return err
	}
	s.large = s.b.most
	return nil
}

// keep gives back all but what n bytes need.
func (s *share) keep(n int64) {
	if s.b == nil {
		return
	}
	small, large := n, int64(0)
	if n > smallBody {
		small, large = 0, n
	}
	if s.small > small {
		s.b.small.Release(s.small - small)
		s.small = small
	}
	if s.large > large {
		s.b.large.Release(s.large - large)
		s.large = large
	}
}
