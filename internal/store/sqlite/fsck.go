package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"lurehound"
)

// Fsck returns one line for everything that is wrong with the file or does not
// add up. It changes nothing.
func (s *Store) Fsck(ctx context.Context) ([]string, error) {
	f := &fsck{ctx: ctx}
	err := s.read(ctx, func(tx *sql.Tx) error {
		f.tx = tx
		for _, check := range []func() error{f.file, f.counts, f.candidates, f.bodies} {
			if err := check(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return f.problems, fmt.Errorf("checking database %s: %w", s.path, err)
	}
	return f.problems, nil
}

type fsck struct {
	ctx      context.Context
	tx       *sql.Tx
	problems []string
}

func (f *fsck) wrong(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

// file is what SQLite itself can prove.
func (f *fsck) file() error {
	err := each(f.ctx, f.tx, func(rows *sql.Rows) error {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			f.wrong("database file: %s", line)
		}
		return nil
	}, `PRAGMA integrity_check`)
	if err != nil {
		return err
	}
	return each(f.ctx, f.tx, func(rows *sql.Rows) error {
		var table, parent string
		var row, key sql.NullInt64
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		f.wrong("table %s, row %d: what it refers to in %s is missing", table, row.Int64, parent)
		return nil
	}, `PRAGMA foreign_key_check`)
}

// laws are queries that return nothing when all is well. Each returns a number
// (mostly a run) and a text (mostly a name), in this order, for its format.
var laws = []struct{ format, query string }{
	{"batch %d of feed %q: read is not matched + unmatched + malformed",
		`SELECT id, feed FROM batch WHERE read <> matched + unmatched + malformed OR matched < 0 OR unmatched < 0 OR malformed < 0`},
	{"run %d: feed %q has batches but no report",
		`SELECT DISTINCT b.run, b.feed FROM batch b WHERE NOT EXISTS (SELECT 1 FROM feed_report r WHERE r.run = b.run AND r.feed = b.feed)`},
	{"run %d is finished, but %q is still pending",
		`SELECT m.run, m.domain FROM member m JOIN run r ON r.id = m.run WHERE r.state = 'finished' AND m.state = 'pending'`},
	{"run %d: %q is settled as a finding, but there is none",
		`SELECT m.run, m.domain FROM member m WHERE m.state = 'finding'
			AND NOT EXISTS (SELECT 1 FROM finding f WHERE f.run = m.run AND f.candidate = m.candidate)`},
	{"run %d: %q has a finding, but is not settled as one",
		`SELECT m.run, m.domain FROM member m JOIN finding f ON f.run = m.run AND f.candidate = m.candidate WHERE m.state <> 'finding'`},
	{"run %d: %q is settled as undecided, but no reason is stored",
		`SELECT m.run, m.domain FROM member m WHERE m.state = 'undecided'
			AND NOT EXISTS (SELECT 1 FROM undecided u WHERE u.run = m.run AND u.domain = m.domain)`},
	{"run %d: %q has observations, but is pending",
		`SELECT DISTINCT m.run, m.domain FROM member m JOIN observation o ON o.run = m.run AND o.candidate = m.candidate WHERE m.state = 'pending'`},
	{"run %d: the finding of candidate %q belongs to no candidate",
		`SELECT f.run, CAST(f.candidate AS TEXT) FROM finding f WHERE NOT EXISTS (SELECT 1 FROM candidate c WHERE c.num = f.candidate)`},
	{"run %d: candidate %q has a finding, but no triage state",
		`SELECT f.run, CAST(f.candidate AS TEXT) FROM finding f WHERE NOT EXISTS (SELECT 1 FROM triage t WHERE t.candidate = f.candidate)`},
	{"run %d: %q has another name or brand than its candidate",
		`SELECT m.run, m.domain FROM member m JOIN candidate c ON c.num = m.candidate WHERE m.domain <> c.domain OR m.brand <> c.brand`},
	{"%d unfinished runs have the key %q",
		`SELECT count(*), key FROM run WHERE state = 'open' GROUP BY key HAVING count(*) > 1`},
}

func (f *fsck) counts() error {
	for _, law := range laws {
		err := each(f.ctx, f.tx, func(rows *sql.Rows) error {
			var n int64
			var text string
			if err := rows.Scan(&n, &text); err != nil {
				return err
			}
			f.wrong(law.format, n, text)
			return nil
		}, law.query)
		if err != nil {
			return err
		}
	}
	return f.tallies()
}

// tallies holds the numbers that people are shown against the rows.
func (f *fsck) tallies() error {
	var runs []int64
	err := each(f.ctx, f.tx, func(rows *sql.Rows) error {
		var run int64
		err := rows.Scan(&run)
		runs = append(runs, run)
		return err
	}, `SELECT id FROM run ORDER BY id`)
	if err != nil {
		return err
	}
	for _, run := range runs {
		t, err := tally(f.ctx, f.tx, run)
		if err != nil {
			f.wrong("run %d: the report of a feed cannot be read: %v", run, err)
			continue
		}
		if t.Candidates != t.Pending+t.Absent+t.Undecided+t.Findings {
			f.wrong("run %d: %d candidates, but %d pending, %d absent, %d undecided and %d findings",
				run, t.Candidates, t.Pending, t.Absent, t.Undecided, t.Findings)
		}
		var found int
		if err := f.tx.QueryRowContext(f.ctx, `SELECT count(*) FROM finding WHERE run = ?`, run).Scan(&found); err != nil {
			return err
		}
		if found != t.Findings {
			f.wrong("run %d: %d candidates are settled as findings, but %d findings are stored", run, t.Findings, found)
		}
		for _, feed := range t.Feeds {
			if feed.Read != feed.Matched+feed.Unmatched+feed.Malformed {
				f.wrong("run %d: feed %q read %d names, but %d matched, %d did not and %d were malformed",
					run, feed.Report.Feed, feed.Read, feed.Matched, feed.Unmatched, feed.Malformed)
			}
		}
	}
	return nil
}

// candidates recomputes every ID from what it stands for.
func (f *fsck) candidates() error {
	return each(f.ctx, f.tx, func(rows *sql.Rows) error {
		var id string
		c, err := scanCandidate(rows, &id)
		if err != nil {
			f.wrong("candidate %q cannot be read: %v", id, err)
			return nil
		}
		if c.ID() != id {
			f.wrong("candidate %q has the ID %s, but its name and brand give %s", c.Domain, id, c.ID())
		}
		return nil
	}, `SELECT domain, brand, matches, sightings, links, id FROM candidate ORDER BY id`)
}

// bodies reads every JSON column into the type that it was written from.
func (f *fsck) bodies() error {
	columns := []struct {
		what, query string
		read        func(column, body string) error
	}{
		{"brand", `SELECT run, brand, body FROM run_brand`, func(_, body string) error { return decode(body, new(lurehound.Brand)) }},
		{"feed report", `SELECT run, feed, body FROM feed_report`, func(_, body string) error { return decode(body, new(lurehound.FeedReport)) }},
		{"alert", `SELECT 0, key, body FROM outbox`, func(_, body string) error {
			if !json.Valid([]byte(body)) {
				return errors.New("not JSON")
			}
			return nil
		}},
		{"finding", `SELECT run, verdict, body FROM finding`, func(verdict, body string) error {
			var v lurehound.Finding
			if err := decode(body, &v); err != nil {
				return err
			}
			if string(v.Verdict) != verdict {
				return fmt.Errorf("its verdict is %q", v.Verdict)
			}
			return nil
		}},
		{"observation", `SELECT run, domain, body FROM observation`, func(domain, body string) error {
			_, err := observation(domain, body)
			return err
		}},
	}
	for _, c := range columns {
		err := each(f.ctx, f.tx, func(rows *sql.Rows) error {
			var run int64
			var column, body string
			if err := rows.Scan(&run, &column, &body); err != nil {
				return err
			}
			if err := c.read(column, body); err != nil {
				f.wrong("run %d: %s %q cannot be read: %v", run, c.what, column, err)
			}
			return nil
		}, c.query)
		if err != nil {
			return err
		}
	}
	return nil
}
