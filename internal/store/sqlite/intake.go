package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"lurehound"
	"lurehound/internal/hunt"
)

// Cursor is the cursor of the last batch saved in this run.
func (s *Store) Cursor(ctx context.Context, run int64, feed string) (string, error) {
	var cursor string
	err := s.r.QueryRowContext(ctx, `SELECT cursor FROM batch WHERE run = ? AND feed = ? ORDER BY id DESC LIMIT 1`,
		run, escape(feed)).Scan(&cursor)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err == nil {
		cursor, err = unescape(cursor)
	}
	if err != nil {
		return "", fmt.Errorf("reading the cursor of feed %s: %w", feed, busy(err))
	}
	return cursor, nil
}

// SaveBatch stores what one step of a feed brought, all of it or nothing. A
// batch without a cursor may only bring a report: without one its names could
// not be told from a repetition.
func (s *Store) SaveBatch(ctx context.Context, run int64, b hunt.Batch) error {
	err := checkBatch(b)
	if err == nil {
		err = s.write(ctx, func(tx *sql.Tx) error { return saveBatch(ctx, tx, run, b) })
	}
	if err != nil {
		return fmt.Errorf("saving a batch of feed %s: %w", b.Feed, err)
	}
	return nil
}

func checkBatch(b hunt.Batch) error {
	if b.Matched < 0 || b.Unmatched < 0 || b.Malformed < 0 || b.Read != b.Matched+b.Unmatched+b.Malformed {
		return fmt.Errorf("%w: read %d, matched %d, unmatched %d, malformed %d", ErrBadBatch, b.Read, b.Matched, b.Unmatched, b.Malformed)
	}
	if b.Cursor == "" && (b.Read > 0 || len(b.Candidates) > 0 || len(b.Undecided) > 0) {
		return fmt.Errorf("%w: it brings names but no cursor", ErrBadBatch)
	}
	if len(b.Undecided) > b.Unmatched {
		return fmt.Errorf("%w: %d undecided of %d unmatched", ErrBadBatch, len(b.Undecided), b.Unmatched)
	}
	for _, c := range b.Candidates {
		if c.Domain.IsZero() {
			return fmt.Errorf("%w: a candidate without a domain", ErrBadBatch)
		}
	}
	return nil
}

func saveBatch(ctx context.Context, tx *sql.Tx, run int64, b hunt.Batch) error {
	if err := mustBeOpen(ctx, tx, run); err != nil {
		return err
	}
	if b.Cursor != "" {
		res, err := tx.ExecContext(ctx, `INSERT INTO batch (run, feed, cursor, read, matched, unmatched, malformed, undecided)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, feed, cursor) DO NOTHING`,
			run, escape(b.Feed), escape(b.Cursor), b.Read, b.Matched, b.Unmatched, b.Malformed, len(b.Undecided))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
	}
	if err := saveCandidates(ctx, tx, run, b.Candidates); err != nil {
		return err
	}
	for _, u := range b.Undecided {
		if err := saveUndecided(ctx, tx, run, u); err != nil {
			return err
		}
	}
	body, err := encode(b.Report)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO feed_report (run, feed, body) VALUES (?, ?, ?)
		ON CONFLICT (run, feed) DO UPDATE SET body = excluded.body`, run, escape(b.Feed), body)
	return err
}

func saveUndecided(ctx context.Context, tx *sql.Tx, run int64, u lurehound.Undecided) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO undecided (run, domain, resolution, reason) VALUES (?, ?, ?, ?)
		ON CONFLICT (run, domain) DO UPDATE SET resolution = excluded.resolution, reason = excluded.reason`,
		run, escape(u.Domain), escape(string(u.Outcome)), escape(u.Reason))
	return err
}
