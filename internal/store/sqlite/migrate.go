package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

// migrations go forward only, one file a version, in the order of their names.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID is in the file's header and tells our files from other
// SQLite files: "lure" in ASCII.
const applicationID = 0x6c757265

func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if err := recognise(ctx, db, len(files)); err != nil {
		return err
	}
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system allows no write-ahead log (journal mode is %q)", mode)
	}
	return within(ctx, db, func(tx *sql.Tx) error {
		version, err := pragma(ctx, tx, "user_version")
		if err != nil {
			return err
		}
		for ; version < int64(len(files)); version++ {
			if err := apply(ctx, tx, files[version], version+1); err != nil {
				return fmt.Errorf("migration %s: %w", files[version], err)
			}
		}
		return nil
	})
}

// recognise refuses files that we must not touch, before anything is changed.
func recognise(ctx context.Context, db *sql.DB, known int) error {
	return within(ctx, db, func(tx *sql.Tx) error {
		id, err := pragma(ctx, tx, "application_id")
		if err != nil {
			return err
		}
		var tables int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
			return err
		}
		if id != applicationID && (id != 0 || tables > 0) {
			return ErrNotOurs
		}
		version, err := pragma(ctx, tx, "user_version")
		if err != nil {
			return err
		}
		if version > int64(known) {
			return fmt.Errorf("schema %d, this lurehound knows %d: %w", version, known, ErrNewer)
		}
		return nil
	})
}

func apply(ctx context.Context, tx *sql.Tx, file string, version int64) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, version))
	return err
}

func pragma(ctx context.Context, tx *sql.Tx, name string) (int64, error) {
	var v int64
	err := tx.QueryRowContext(ctx, "PRAGMA "+name).Scan(&v)
	return v, err
}
