package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"lurehound"
	"lurehound/internal/hunt"
)

// SetState sets the state of every finding of that domain, over all brands,
// and reports how many there are. An empty note leaves the earlier one.
func (s *Store) SetState(ctx context.Context, d lurehound.Domain, state lurehound.State, note string) (int, error) {
	if !slices.Contains(lurehound.States(), state) {
		return 0, fmt.Errorf("%w: %q; there are %v", ErrUnknownMark, state, lurehound.States())
	}
	var n int64
	err := s.write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE triage SET state = ?, note = CASE WHEN ? = '' THEN note ELSE ? END
			WHERE candidate IN (SELECT num FROM candidate WHERE domain = ?)`,
			string(state), escape(note), escape(note), escape(d.String()))
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("setting the state of %s: %w", d, err)
	}
	return int(n), nil
}

// Alerts are the messages that have not left yet, the oldest first.
func (s *Store) Alerts(ctx context.Context) ([]hunt.Alert, error) {
	var as []hunt.Alert
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var key, body string
			if err := rows.Scan(&key, &body); err != nil {
				return err
			}
			key, err := unescape(key)
			as = append(as, hunt.Alert{Key: key, Body: []byte(body)})
			return err
		}, `SELECT key, body FROM outbox WHERE sent IS NULL ORDER BY created, key`)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the outbox: %w", err)
	}
	return as, nil
}
