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

// Brand returns the brand as it was saved in this run.
func (s *Store) Brand(ctx context.Context, run int64, id string) (b lurehound.Brand, found bool, err error) {
	var body string
	err = s.r.QueryRowContext(ctx, `SELECT body FROM run_brand WHERE run = ? AND brand = ?`, run, escape(id)).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return b, false, nil
	}
	if err == nil {
		err = decode(body, &b)
	}
	if err != nil {
		return b, false, fmt.Errorf("reading brand %s: %w", id, busy(err))
	}
	return b, true, nil
}

// SaveBrand keeps the brand for this run; saving again replaces it.
func (s *Store) SaveBrand(ctx context.Context, run int64, b lurehound.Brand) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		if err := mustBeOpen(ctx, tx, run); err != nil {
			return err
		}
		body, err := encode(b)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO run_brand (run, brand, body) VALUES (?, ?, ?)
			ON CONFLICT (run, brand) DO UPDATE SET body = excluded.body`, run, escape(b.ID()), body)
		return err
	})
	if err != nil {
		return fmt.Errorf("saving brand %s: %w", b.ID(), err)
	}
	return nil
}

// Brands returns every brand as it was saved last.
func (s *Store) Brands(ctx context.Context) (brands []lurehound.Brand, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var body string
			if err := rows.Scan(&body); err != nil {
				return err
			}
			var b lurehound.Brand
			err := decode(body, &b)
			brands = append(brands, b)
			return err
		}, `SELECT body FROM run_brand r WHERE run = (SELECT max(l.run) FROM run_brand l WHERE l.brand = r.brand) ORDER BY brand`)
	})
	if err != nil {
		return nil, fmt.Errorf("reading brands: %w", busy(err))
	}
	return brands, nil
}
