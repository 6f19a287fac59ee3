package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"lurehound"
	"lurehound/internal/hunt"
)

const findingColumns = `SELECT c.domain, c.brand, c.matches, c.sightings, c.links, f.run, f.candidate, f.body, t.state, t.note
	FROM finding f JOIN candidate c ON c.num = f.candidate JOIN triage t ON t.candidate = f.candidate `

// Findings returns what this run found, by domain, then brand. Sightings and
// triage are those known by now.
func (s *Store) Findings(ctx context.Context, run int64) ([]lurehound.Finding, error) {
	return s.findings(ctx, findingColumns+`WHERE f.run = ? ORDER BY c.domain, c.brand`,
		`SELECT run, candidate, domain, body FROM observation WHERE run = ? ORDER BY id`, run)
}

// AllFindings returns the latest finding of every candidate, over all runs.
func (s *Store) AllFindings(ctx context.Context) ([]lurehound.Finding, error) {
	const latest = `SELECT max(l.run) FROM finding l WHERE l.candidate = `
	return s.findings(ctx, findingColumns+`WHERE f.run = (`+latest+`f.candidate) ORDER BY c.domain, c.brand`,
		`SELECT o.run, o.candidate, o.domain, o.body FROM observation o WHERE o.run = (`+latest+`o.candidate) ORDER BY o.id`)
}

// Before returns the latest findings of earlier runs about the candidates that this run found, by domain, then brand.
func (s *Store) Before(ctx context.Context, run int64) ([]lurehound.Finding, error) {
	const earlier = `(SELECT max(l.run) FROM finding l WHERE l.candidate = x.candidate AND l.run < ?)
		AND x.candidate IN (SELECT candidate FROM finding WHERE run = ?) `
	return s.findings(ctx, findingColumns+`WHERE f.run = `+strings.ReplaceAll(earlier, "x.", "f.")+`ORDER BY c.domain, c.brand`,
		`SELECT o.run, o.candidate, o.domain, o.body FROM observation o WHERE o.run = `+strings.ReplaceAll(earlier, "x.", "o.")+`ORDER BY o.id`, run, run)
}

// member names a candidate in a run.
type member struct {
	run, candidate int64
}

func (s *Store) findings(ctx context.Context, findings, observations string, args ...any) ([]lurehound.Finding, error) {
	var fs []lurehound.Finding
	err := s.read(ctx, func(tx *sql.Tx) error {
		at := make(map[member]int)
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var m member
			var body, state, note string
			c, err := scanCandidate(rows, &m.run, &m.candidate, &body, &state, &note)
			if err != nil {
				return err
			}
			var f lurehound.Finding
			if err := decode(body, &f); err != nil {
				return fmt.Errorf("stored finding of %s: %w", c.Domain, err)
			}
			f.Candidate, f.State = c, lurehound.State(state)
			if f.Note, err = unescape(note); err != nil {
				return err
			}
			at[m] = len(fs)
			fs = append(fs, f)
			return nil
		}, findings, args...)
		if err != nil {
			return err
		}
		return each(ctx, tx, func(rows *sql.Rows) error {
			var m member
			var domain, body string
			if err := rows.Scan(&m.run, &m.candidate, &domain, &body); err != nil {
				return err
			}
			i, ok := at[m]
			if !ok {
				return nil // of a candidate that was settled without a finding
			}
			o, err := observation(domain, body)
			fs[i].Observations = append(fs[i].Observations, o)
			return err
		}, observations, args...)
	})
	if err != nil {
		return nil, fmt.Errorf("reading findings: %w", err)
	}
	return fs, nil
}

func observation(domain, body string) (o lurehound.Observation, err error) {
	if err := decode(body, &o); err != nil {
		return o, fmt.Errorf("stored observation of %s: %w", domain, err)
	}
	if domain != "" {
		o.Domain, err = domainOf(domain)
	}
	return o, err
}

// Undecided returns the names that this run could not decide, by name: those
// that feeds brought and those of candidates. A name that was undecided in a
// feed and decided as a candidate is not among them.
func (s *Store) Undecided(ctx context.Context, run int64) ([]lurehound.Undecided, error) {
	var us []lurehound.Undecided
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var domain, resolution, reason string
			if err := rows.Scan(&domain, &resolution, &reason); err != nil {
				return err
			}
			var u lurehound.Undecided
			var errs [3]error
			u.Domain, errs[0] = unescape(domain)
			resolution, errs[1] = unescape(resolution)
			u.Reason, errs[2] = unescape(reason)
			u.Outcome = lurehound.Resolution(resolution)
			us = append(us, u)
			return errors.Join(errs[:]...)
		}, `SELECT u.domain, u.resolution, u.reason FROM undecided u WHERE u.run = ? AND NOT EXISTS (
				SELECT 1 FROM member m JOIN candidate c ON c.num = m.candidate
				WHERE c.domain = u.domain AND m.run = u.run AND m.state IN ('finding', 'absent'))
			ORDER BY u.domain`, run)
	})
	if err != nil {
		return nil, fmt.Errorf("reading undecided names: %w", err)
	}
	return us, nil
}

// Absent returns the candidates that this run settled as absent, by name, with
// what DNS said of them.
func (s *Store) Absent(ctx context.Context, run int64) (absent []lurehound.Undecided, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var domain string
			var body sql.NullString
			if err := rows.Scan(&domain, &body); err != nil {
				return err
			}
			name, err := unescape(domain)
			if err != nil {
				return err
			}
			a := lurehound.Undecided{Domain: name}
			if body.Valid {
				var o lurehound.Observation
				if err := decode(body.String, &o); err != nil {
					return fmt.Errorf("stored observation of %s: %w", name, err)
				}
				if o.DNS != nil {
					a.Outcome, a.Reason = o.DNS.Resolution, o.DNS.Reason
				}
			}
			absent = append(absent, a)
			return nil
		}, `SELECT m.domain, max(o.body) FROM member m
			LEFT JOIN observation o ON o.run = m.run AND o.candidate = m.candidate AND o.probe = 'dns'
			WHERE m.run = ? AND m.state = 'absent' GROUP BY m.domain ORDER BY m.domain`, run)
	})
	if err != nil {
		return nil, fmt.Errorf("reading absent names: %w", busy(err))
	}
	return absent, nil
}

// Tally counts the stored rows of a run. Candidates = Pending + Absent +
// Undecided + Findings.
func (s *Store) Tally(ctx context.Context, run int64) (hunt.Tally, error) {
	var t hunt.Tally
	err := s.read(ctx, func(tx *sql.Tx) (err error) {
		t, err = tally(ctx, tx, run)
		return err
	})
	if err != nil {
		return hunt.Tally{}, fmt.Errorf("counting run %d: %w", run, err)
	}
	return t, nil
}

func tally(ctx context.Context, tx *sql.Tx, run int64) (t hunt.Tally, err error) {
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var f hunt.FeedTally
		var body string
		if err := rows.Scan(&body, &f.Read, &f.Matched, &f.Unmatched, &f.Malformed, &f.Undecided); err != nil {
			return err
		}
		t.Feeds = append(t.Feeds, f)
		return decode(body, &t.Feeds[len(t.Feeds)-1].Report)
	}, `SELECT r.body, coalesce(sum(b.read), 0), coalesce(sum(b.matched), 0), coalesce(sum(b.unmatched), 0), coalesce(sum(b.malformed), 0),
			coalesce(sum(b.undecided), 0)
		FROM feed_report r LEFT JOIN batch b ON b.run = r.run AND b.feed = r.feed
		WHERE r.run = ? GROUP BY r.feed, r.body ORDER BY r.feed`, run)
	if err != nil {
		return t, err
	}
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return err
		}
		t.Candidates += n
		switch state {
		case "pending":
			t.Pending = n
		case "absent":
			t.Absent = n
		case "undecided":
			t.Undecided = n
		case "finding":
			t.Findings = n
		}
		return nil
	}, `SELECT state, count(*) FROM member WHERE run = ? GROUP BY state`, run)
	return t, err
}
