package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lurehound"
)

// Begin returns the unfinished run of that key, or a new one.
func (s *Store) Begin(ctx context.Context, key string, at time.Time, fresh bool) (run int64, resumed bool, err error) {
	err = s.write(ctx, func(tx *sql.Tx) error {
		if fresh {
			if _, err := tx.ExecContext(ctx, `UPDATE run SET state = 'abandoned', ended = ? WHERE key = ? AND state = 'open'`,
				stamp(at), escape(key)); err != nil {
				return err
			}
		}
		err := tx.QueryRowContext(ctx, `SELECT id FROM run WHERE key = ? AND state = 'open'`, escape(key)).Scan(&run)
		if err == nil {
			resumed = true
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return tx.QueryRowContext(ctx, `INSERT INTO run (key, state, began) VALUES (?, 'open', ?) RETURNING id`,
			escape(key), stamp(at)).Scan(&run)
	})
	if err != nil {
		return 0, false, fmt.Errorf("beginning a run: %w", err)
	}
	return run, resumed, nil
}

// Finish marks the run as done. It fails with ErrStillOpen while candidates
// are pending; a run that is finished already stays as it is.
func (s *Store) Finish(ctx context.Context, run int64, at time.Time) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var state string
		if err := tx.QueryRowContext(ctx, `SELECT state FROM run WHERE id = ?`, run).Scan(&state); err != nil {
			return noRun(err)
		}
		switch state {
		case "finished":
			return nil
		case "abandoned":
			return ErrRunOver
		}
		var pending int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM member WHERE run = ? AND state = 'pending'`, run).Scan(&pending); err != nil {
			return err
		}
		if pending > 0 {
			return fmt.Errorf("%w: %d", ErrStillOpen, pending)
		}
		_, err := tx.ExecContext(ctx, `UPDATE run SET state = 'finished', ended = ? WHERE id = ?`, stamp(at), run)
		return err
	})
	if err != nil {
		return fmt.Errorf("finishing run %d: %w", run, err)
	}
	return nil
}

// mustBeOpen keeps an ended run from being written to.
func mustBeOpen(ctx context.Context, tx *sql.Tx, run int64) error {
	var state string
	if err := tx.QueryRowContext(ctx, `SELECT state FROM run WHERE id = ?`, run).Scan(&state); err != nil {
		return noRun(err)
	}
	if state != "open" {
		return fmt.Errorf("%w: it is %s", ErrRunOver, state)
	}
	return nil
}

func noRun(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errors.New("there is no such run")
	}
	return err
}

// References returns the brand's references as they were saved in this run.
func (s *Store) References(ctx context.Context, run int64, brand string) (refs []lurehound.Reference, found bool, err error) {
	var body string
	err = s.r.QueryRowContext(ctx, `SELECT body FROM run_reference WHERE run = ? AND brand = ?`, run, escape(brand)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err == nil {
		err = decode(body, &refs)
	}
	if err != nil {
		return nil, false, fmt.Errorf("reading references of %s: %w", brand, busy(err))
	}
	return refs, true, nil
}

// SaveReferences keeps the brand's references for this run; saving again
// replaces them.
func (s *Store) SaveReferences(ctx context.Context, run int64, brand string, refs []lurehound.Reference) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := mustBeOpen(ctx, tx, run); err != nil {
			return err
		}
		body, err := encode(refs)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO run_reference (run, brand, body) VALUES (?, ?, ?)
			ON CONFLICT (run, brand) DO UPDATE SET body = excluded.body`, run, escape(brand), body)
		return err
	})
	if err != nil {
		return fmt.Errorf("saving references of %s: %w", brand, err)
	}
	return nil
}
