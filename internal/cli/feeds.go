package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"lurehound"
	"lurehound/internal/feed"
)

// feedConfig is what every feed needs from this world. The laboratory keeps no
// archive: its days are invented anew each time.
func (w *world) feedConfig(days int) (feed.Config, error) {
	cfg := feed.Config{HTTP: w.web.Service(), Clock: w.clock, Contact: w.contact(), Version: version(), Days: days, Stdin: w.con.stdin}
	if w.lab != nil {
		return cfg, nil
	}
	dir, err := w.globals.dataDir(w.con.env)
	cfg.CacheDir = filepath.Join(dir, "feeds")
	return cfg, err
}

// feed opens KIND or KIND=ARG.
func (w *world) feed(name string, days int, brands []lurehound.Brand) (feed.Feed, error) {
	cfg, err := w.feedConfig(days)
	if err != nil {
		return nil, err
	}
	cfg.Fragments = feed.Fragments(brands)
	kind, arg, _ := strings.Cut(name, "=")
	var kinds []string
	for _, k := range feed.Kinds() {
		if k.Name == kind {
			f, err := k.Open(cfg, arg)
			switch {
			case errors.Is(err, feed.ErrNoContact):
				return missingFeed{err}, nil
			case err != nil:
				return nil, misuse("--feed %s: %v", name, err)
			}
			return f, nil
		}
		kinds = append(kinds, k.Name)
	}
	return nil, misuse("--feed %s: no feed is named %q; type one of %s", name, kind, join(kinds))
}

// missingFeed is a feed that the hunt has to do without; the result says so.
type missingFeed struct{ why error }

func (m missingFeed) Stream(context.Context, string, func(feed.Batch) error) error { return m.why }
