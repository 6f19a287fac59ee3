package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"lurehound"
	"lurehound/internal/hunt"
)

// Pending returns up to limit pending candidates of the run, by domain, then
// brand, beginning after the given ID.
func (s *Store) Pending(ctx context.Context, run int64, after string, limit int) ([]lurehound.Candidate, error) {
	var cs []lurehound.Candidate
	err := s.read(ctx, func(tx *sql.Tx) error {
		var domain, brand string
		if after != "" {
			err := tx.QueryRowContext(ctx, `SELECT domain, brand FROM candidate WHERE id = ?`, after).Scan(&domain, &brand)
			if errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("there is no candidate %q to go on after", after)
			}
			if err != nil {
				return err
			}
		}
		return each(ctx, tx, func(rows *sql.Rows) error {
			c, err := scanCandidate(rows)
			cs = append(cs, c)
			return err
		}, `SELECT c.domain, c.brand, c.matches, c.sightings, c.links
			FROM member m JOIN candidate c ON c.num = m.candidate
			WHERE m.run = ? AND m.state = 'pending' AND (m.domain, m.brand) > (?, ?)
			ORDER BY m.domain, m.brand LIMIT ?`, run, domain, brand, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("reading pending candidates: %w", err)
	}
	return cs, nil
}

// scanCandidate reads domain, brand, matches, sightings, links, and what else
// the row has into more.
func scanCandidate(rows *sql.Rows, more ...any) (c lurehound.Candidate, err error) {
	var domain, brand, matches, sightings, links string
	if err := rows.Scan(append([]any{&domain, &brand, &matches, &sightings, &links}, more...)...); err != nil {
		return c, err
	}
	if c.Domain, err = domainOf(domain); err != nil {
		return c, err
	}
	if c.Brand, err = unescape(brand); err != nil {
		return c, err
	}
	err = errors.Join(decode(matches, &c.Matches), decode(sightings, &c.Sightings), decode(links, &c.Links))
	if err != nil {
		return c, fmt.Errorf("stored candidate %s: %w", c.Domain, err)
	}
	if len(c.Links) == 0 {
		c.Links = nil // as candidates without links come in
	}
	return c, nil
}

// Settle ends a candidate's time as pending. The first settlement of a
// candidate in a run stands: repeating it, or settling again, changes nothing.
func (s *Store) Settle(ctx context.Context, run int64, st hunt.Settlement, at time.Time) error {
	err := s.write(ctx, func(tx *sql.Tx) error { return settle(ctx, tx, run, st, at) })
	if err != nil {
		return fmt.Errorf("settling %s: %w", st.Candidate.Domain, err)
	}
	return nil
}

func settle(ctx context.Context, tx *sql.Tx, run int64, st hunt.Settlement, at time.Time) error {
	state := "absent"
	switch {
	case st.Finding != nil && st.Undecided != nil:
		return ErrSettlement
	case st.Finding != nil:
		state = "finding"
	case st.Undecided != nil:
		state = "undecided"
	}
	if err := mustBeOpen(ctx, tx, run); err != nil {
		return err
	}
	var num int64
	err := tx.QueryRowContext(ctx, `SELECT num FROM candidate WHERE id = ?`, st.Candidate.ID()).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotInRun
	}
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE member SET state = ?, outcome = ?, settled = ?
		WHERE run = ? AND candidate = ? AND state = 'pending'`, state, string(st.Outcome), stamp(at), run, num)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		var one int
		err := tx.QueryRowContext(ctx, `SELECT 1 FROM member WHERE run = ? AND candidate = ?`, run, num).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotInRun
		}
		return err
	}
	for _, o := range st.Observations {
		if err := saveObservation(ctx, tx, run, num, o); err != nil {
			return err
		}
	}
	if st.Finding != nil {
		if err := saveFinding(ctx, tx, run, num, *st.Finding); err != nil {
			return err
		}
	}
	if st.Undecided != nil {
		// The stored name is the candidate's own, so that the two are found together.
		u := *st.Undecided
		u.Domain = st.Candidate.Domain.String()
		if err := saveUndecided(ctx, tx, run, u); err != nil {
			return err
		}
	}
	if st.Alert == nil {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO outbox (key, body, created) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING`,
		escape(st.Alert.Key), string(st.Alert.Body), stamp(at))
	return err
}

func saveObservation(ctx context.Context, tx *sql.Tx, run, num int64, o lurehound.Observation) error {
	domain := escape(o.Domain.String())
	o.Domain = lurehound.Domain{} // the column has it, without JSON's loss of odd octets
	body, err := encode(o)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO observation (run, candidate, domain, probe, outcome, body) VALUES (?, ?, ?, ?, ?, ?)`,
		run, num, domain, escape(o.Probe), escape(string(o.Outcome)), body)
	return err
}

func saveFinding(ctx context.Context, tx *sql.Tx, run, num int64, f lurehound.Finding) error {
	if f.Verdict == lurehound.TakenDown {
		var err error
		if f.Earlier, err = gravestBefore(ctx, tx, run, num, f.Earlier); err != nil {
			return err
		}
	}
	state, note := f.State, f.Note
	if state == "" {
		state = lurehound.New
	}
	// Candidate, observations and triage have rows of their own.
	f.Candidate, f.Observations, f.State, f.Note = lurehound.Candidate{}, nil, "", ""
	body, err := encode(f)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO finding (run, candidate, verdict, body) VALUES (?, ?, ?, ?)`,
		run, num, string(f.Verdict), body); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO triage (candidate, state, note) VALUES (?, ?, ?) ON CONFLICT (candidate) DO NOTHING`,
		num, string(state), escape(note))
	return err
}

// gravestBefore is the gravest verdict that earlier runs, or the judge, gave
// before the site was taken down.
func gravestBefore(ctx context.Context, tx *sql.Tx, run, num int64, given lurehound.Verdict) (lurehound.Verdict, error) {
	gravest := given
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var v lurehound.Verdict
		if err := rows.Scan(&v); err != nil {
			return err
		}
		if gravest == "" || v.Rank() < gravest.Rank() {
			gravest = v
		}
		return nil
	}, `SELECT verdict FROM finding WHERE candidate = ? AND run <> ? AND verdict <> ?`, num, run, string(lurehound.TakenDown))
	return gravest, err
}
