package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"lurehound"
)

// rowsAtOnce is how many candidates one statement takes: a statement costs more
// than a row. Six values each stay below the 999 that old builds of SQLite allow.
const rowsAtOnce = 100

// newcomer is a candidate on its way into the tables.
type newcomer struct {
	num               int64  // 0 where none is stored
	id, domain, brand string // as they are stored
	old, now          rich
}

// saveCandidates merges candidates into those stored and makes them pending in
// the run where they are not in it. The context ends it between statements:
// watching it within each costs more than the statement.
func saveCandidates(ctx context.Context, tx *sql.Tx, run int64, cs []lurehound.Candidate) error {
	inner := context.WithoutCancel(ctx)
	for chunk := range slices.Chunk(cs, rowsAtOnce) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := saveChunk(inner, tx, run, chunk); err != nil {
			return err
		}
	}
	return nil
}

func saveChunk(ctx context.Context, tx *sql.Tx, run int64, cs []lurehound.Candidate) error {
	news, err := newcomers(ctx, tx, cs)
	if err != nil {
		return err
	}
	var fresh []any
	for _, n := range news {
		switch {
		case n.num == 0:
			fresh = append(fresh, n.id, n.domain, n.brand, n.now.matches, n.now.sightings, n.now.links)
		case n.old != n.now:
			if _, err := tx.ExecContext(ctx, `UPDATE candidate SET matches = ?, sightings = ?, links = ? WHERE num = ?`,
				n.now.matches, n.now.sightings, n.now.links, n.num); err != nil {
				return err
			}
		}
	}
	byID := make(map[string]*newcomer, len(news))
	for _, n := range news {
		byID[n.id] = n
	}
	if len(fresh) > 0 {
		err := each(ctx, tx, func(rows *sql.Rows) error {
			var id string
			var num int64
			err := rows.Scan(&id, &num)
			byID[id].num = num
			return err
		}, `INSERT INTO candidate (id, domain, brand, matches, sightings, links) VALUES `+
			repeated("(?, ?, ?, ?, ?, ?)", len(fresh)/6)+` RETURNING id, num`, fresh...)
		if err != nil {
			return err
		}
	}
	var members []any
	for _, n := range news {
		members = append(members, run, n.num, n.domain, n.brand)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO member (run, candidate, domain, brand, state, outcome) VALUES `+
		repeated("(?, ?, ?, ?, 'pending', '')", len(members)/4)+` ON CONFLICT (run, candidate) DO NOTHING`, members...)
	return err
}

// newcomers merges the chunk into what is stored, each candidate once, sorted
// by ID, so that neighbours in the indexes are written together.
func newcomers(ctx context.Context, tx *sql.Tx, cs []lurehound.Candidate) ([]*newcomer, error) {
	byID := make(map[string]*newcomer, len(cs))
	ids := make([]string, len(cs))
	for i, c := range cs {
		ids[i] = c.ID()
		byID[ids[i]] = &newcomer{id: ids[i], domain: escape(c.Domain.String()), brand: escape(c.Brand)}
	}
	args := make([]any, 0, len(byID))
	for id := range byID {
		args = append(args, id)
	}
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var id string
		var num int64
		var old rich
		err := rows.Scan(&id, &num, &old.matches, &old.sightings, &old.links)
		byID[id].num, byID[id].old, byID[id].now = num, old, old
		return err
	}, `SELECT id, num, matches, sightings, links FROM candidate WHERE id IN (`+repeated("?", len(args))+`)`, args...)
	if err != nil {
		return nil, err
	}
	for i, c := range cs {
		n := byID[ids[i]]
		if n.now, err = merged(n.now, c); err != nil {
			return nil, fmt.Errorf("candidate %s: %w", n.id, err)
		}
	}
	news := make([]*newcomer, 0, len(byID))
	for _, n := range byID {
		news = append(news, n)
	}
	slices.SortFunc(news, func(a, b *newcomer) int { return strings.Compare(a.id, b.id) })
	return news, nil
}

// repeated is a list of n times the same.
func repeated(s string, n int) string { return strings.Repeat(s+", ", n-1) + s }
