// Package sqlite keeps runs, candidates, observations, findings and the outbox
// in one SQLite file. It implements every store that hunt declares and judges
// nothing. Every commit is on the disk when it returns.
//
// Several processes may share a file: a transaction waits for its turn, and
// fails with ErrBusy when it waited for BusyWait in vain.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"

	"lurehound/internal/hunt"
)

// BusyWait is how long a transaction waits for another process that writes.
// The longest transaction of ours, a batch of thousands, takes well under a
// second; ten leave room for a slow disk.
const BusyWait = 10 * time.Second

// readers is how many connections read at once; writing has one of its own.
const readers = 4

// IDs are hashes, so a batch touches pages all over their index. 64 MiB hold
// those of about half a million candidates; with SQLite's 2 MiB every batch
// reads them again. Fewer checkpoints, at 4,000 pages (16 MiB) instead of
// 1,000, write a page that many batches touch once.
const (
	writerCache = "_pragma=cache_size(-65536)"
	writerLog   = "_pragma=wal_autocheckpoint(4000)"
)

// Errors that callers may look for.
var (
	ErrBusy        = errors.New("another process is writing to this database; try again when it is done")
	ErrNewer       = errors.New("written by a newer lurehound; use that one, or another --data directory")
	ErrNotOurs     = errors.New("not a lurehound database; choose another --data directory")
	ErrNotInRun    = errors.New("candidate is not in this run")
	ErrRunOver     = errors.New("the run has ended")
	ErrStillOpen   = errors.New("the run still has pending candidates")
	ErrBadBatch    = errors.New("batch does not add up")
	ErrSettlement  = errors.New("settlement says two things")
	ErrUnknownMark = errors.New("no such triage state")
)

// Store is one database file. It may be used by many goroutines at once.
type Store struct {
	path string
	w    *sql.DB // one connection, every transaction is immediate
	r    *sql.DB // cannot write
}

var (
	_ hunt.Runs    = (*Store)(nil)
	_ hunt.Intake  = (*Store)(nil)
	_ hunt.Work    = (*Store)(nil)
	_ hunt.Results = (*Store)(nil)
	_ hunt.Triage  = (*Store)(nil)
	_ hunt.Check   = (*Store)(nil)
)

// Open opens the database at path and brings its schema up to date. File and
// directory are made when they are missing, for their owner only.
func Open(ctx context.Context, path string) (*Store, error) {
	s, err := open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	s := &Store{path: path}
	if s.w, err = connect(path, 1, "_txlock=immediate", "_pragma=synchronous(FULL)", writerCache, writerLog); err != nil {
		return nil, err
	}
	if err := migrate(ctx, s.w); err != nil {
		s.w.Close()
		return nil, busy(err)
	}
	if s.r, err = connect(path, readers, "_pragma=query_only(1)"); err != nil {
		s.w.Close()
		return nil, err
	}
	return s, nil
}

// Close waits for what is under way and closes the file.
func (s *Store) Close() error {
	if err := errors.Join(s.r.Close(), s.w.Close()); err != nil {
		return fmt.Errorf("closing database %s: %w", s.path, err)
	}
	return nil
}

// makePrivate makes the file before SQLite does, which would leave its mode to
// the umask. SQLite gives its side files the mode of the database.
func makePrivate(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func connect(path string, conns int, more ...string) (*sql.DB, error) {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/… as SQLite wants it in a URI
	}
	query := append([]string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", BusyWait.Milliseconds()),
		"_pragma=foreign_keys(1)",
		"_pragma=trusted_schema(0)",
	}, more...)
	u := url.URL{Scheme: "file", Path: slashed, OmitHost: true, RawQuery: strings.Join(query, "&")}
	c, err := sqlite.NewConnector(u.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// write runs do in one transaction that no other writer is in.
func (s *Store) write(ctx context.Context, do func(*sql.Tx) error) error {
	return within(ctx, s.w, do)
}

// read runs do on one snapshot of the database.
func (s *Store) read(ctx context.Context, do func(*sql.Tx) error) error {
	return within(ctx, s.r, do)
}

func within(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return busy(err)
	}
	if err := do(tx); err != nil {
		tx.Rollback()
		return busy(err)
	}
	return busy(tx.Commit())
}

// busyCode is SQLITE_BUSY; the bits above the lowest eight say which kind.
const busyCode = 5

func busy(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == busyCode {
		return fmt.Errorf("%w (waited %s)", ErrBusy, BusyWait)
	}
	return err
}

// each calls row for every row of a query.
func each(ctx context.Context, tx *sql.Tx, row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
