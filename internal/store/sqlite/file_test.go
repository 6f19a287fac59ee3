package sqlite

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lurehound"
	"lurehound/internal/hunt"
)

func opened(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "data", "hunt.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	s := opened(t)
	if _, _, err := s.Begin(t.Context(), "a", time.Unix(0, 0), false); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{
		filepath.Dir(s.path): 0o700, s.path: 0o600, s.path + "-wal": 0o600, s.path + "-shm": 0o600,
	} {
		st, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := st.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
	}
}

func TestPragmas(t *testing.T) {
	s := opened(t)
	for _, p := range []struct {
		db         *sql.DB
		name, want string
	}{
		{s.w, "journal_mode", "wal"}, {s.w, "synchronous", "2"}, {s.w, "foreign_keys", "1"},
		{s.w, "trusted_schema", "0"}, {s.r, "query_only", "1"}, {s.r, "foreign_keys", "1"},
	} {
		var got string
		if err := p.db.QueryRow("PRAGMA " + p.name).Scan(&got); err != nil || got != p.want {
			t.Errorf("%s is %q, want %q, error %v", p.name, got, p.want, err)
		}
	}
}

func TestRefusesOthers(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want error
	}{
		"newer schema":     {"PRAGMA application_id = 1819636325; PRAGMA user_version = 999", ErrNewer},
		"another program":  {"PRAGMA application_id = 77", ErrNotOurs},
		"unnamed database": {"CREATE TABLE bookmarks (url TEXT)", ErrNotOurs},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "other.db")
			db, err := connect(path, 1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Exec(c.sql); err != nil {
				t.Fatal(err)
			}
			db.Close()
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Open(t.Context(), path)
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err == nil {
				s.Close()
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("a refused file was changed")
			}
		})
	}
	path := filepath.Join(t.TempDir(), "text.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database at all\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); err == nil {
		t.Error("a text file was opened")
	}
}

// TestBusy has another process's transaction in the way, first shortly, then
// for longer than a writer waits.
func TestBusy(t *testing.T) {
	s := opened(t)
	other, err := connect(s.path, 1, "_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, _, err := s.Begin(t.Context(), "a", time.Unix(0, 0), false)
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := s.AllFindings(t.Context()); err != nil {
		t.Errorf("readers have to go on while another process writes: %v", err)
	}
	tx.Rollback()
	if err := <-done; err != nil {
		t.Errorf("it waited for its turn and failed: %v", err)
	}

	if tx, err = other.Begin(); err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := s.w.Exec("PRAGMA busy_timeout = 20"); err != nil { // the test need not wait as people do
		t.Fatal(err)
	}
	if _, _, err := s.Begin(t.Context(), "b", time.Unix(0, 0), false); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
}

// TestFsck breaks a sound database in every way that fsck has to notice.
func TestFsck(t *testing.T) {
	for _, c := range []struct{ name, sql, want string }{
		{"sound", "", ""},
		{"line count", "UPDATE batch SET read = read + 1", "read is not matched"},
		{"finished too early", "UPDATE run SET state = 'finished', ended = ''", "still pending"},
		{"no finding", "DELETE FROM finding", "but there is none"},
		{"no reason", "DELETE FROM undecided", "no reason is stored"},
		{"unsettled finding", "UPDATE member SET state = 'absent' WHERE state = 'finding'", "not settled as one"},
		{"pending finding", "UPDATE member SET state = 'pending', settled = NULL", "but is pending"},
		{"no candidate", "DELETE FROM candidate", "is missing"},
		{"another name", "UPDATE candidate SET domain = 'x.info' WHERE domain = 'a.info'", "its name and brand give"},
		{"another ID", "UPDATE candidate SET id = 'x' WHERE domain = 'a.info'", "has the ID"},
		{"no triage", "DELETE FROM triage", "no triage state"},
		{"no report", "DELETE FROM feed_report", "no report"},
		{"bad matches", "UPDATE candidate SET matches = '{'", "cannot be read"},
		{"bad finding", "UPDATE finding SET body = '[]'", "finding"},
		{"other verdict", "UPDATE finding SET verdict = 'benign'", `its verdict is "malicious"`},
		{"bad observation", "UPDATE observation SET body = 'null,'", "observation"},
		{"bad report", "UPDATE feed_report SET body = '7'", "report"},
		{"bad brand", "UPDATE run_brand SET body = '7'", "brand"},
		{"bad alert", "UPDATE outbox SET body = 'text'", "not JSON"},
		{"foreign key", "DELETE FROM run", "is missing"},
		{"bad state", "UPDATE member SET state = 'lost'", "CHECK"},
		{"two runs", "DROP INDEX run_open; INSERT INTO run (key, state, began) VALUES ('a', 'open', '')", "unfinished runs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := opened(t)
			sample(t, s)
			if _, err := s.w.Exec("PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1; " + c.sql); err != nil {
				t.Fatal(err)
			}
			problems, err := s.Fsck(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all := strings.Join(problems, "\n")
			if c.want == "" && all != "" || c.want != "" && !strings.Contains(all, c.want) {
				t.Errorf("want %q, got:\n%s", c.want, all)
			}
		})
	}
}

// sample has a finding, an undecided and a pending candidate.
func sample(t *testing.T, s *Store) {
	ctx := t.Context()
	run, _, err := s.Begin(ctx, "a", time.Unix(0, 0), false)
	if err != nil {
		t.Fatal(err)
	}
	own, err := lurehound.ParseDomain("microdicom.com")
	if err != nil {
		t.Fatal(err)
	}
	b := hunt.Batch{Feed: "isc", Cursor: "1", Read: 4, Matched: 3, Malformed: 1}
	for _, n := range []string{"a.info", "b.info", "c.info"} {
		d, err := lurehound.ParseDomain(n)
		if err != nil {
			t.Fatal(err)
		}
		b.Candidates = append(b.Candidates, lurehound.Candidate{Domain: d, Brand: "microdicom.com", Matches: []lurehound.Match{{Brand: "microdicom.com"}}})
	}
	err = errors.Join(s.SaveBatch(ctx, run, b),
		s.SaveBrand(ctx, run, lurehound.Brand{Domains: []lurehound.Domain{own}}),
		s.Settle(ctx, run, hunt.Settlement{
			Candidate: b.Candidates[0], Outcome: lurehound.Found,
			Observations: []lurehound.Observation{{Domain: b.Candidates[0].Domain, Probe: "dns"}},
			Finding:      &lurehound.Finding{Verdict: lurehound.Malicious},
			Alert:        &hunt.Alert{Key: "k", Body: []byte(`{}`)},
		}, time.Unix(1, 0)),
		s.Settle(ctx, run, hunt.Settlement{
			Candidate: b.Candidates[1], Outcome: lurehound.Unknown,
			Undecided: &lurehound.Undecided{Domain: "b.info", Outcome: lurehound.NotResolvable, Reason: "timeout"},
		}, time.Unix(1, 0)))
	if err != nil {
		t.Fatal(err)
	}
}

// TestText holds escaping to its law: whatever goes in comes out.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "octets"))
		e := escape(s)
		if strings.ContainsRune(e, 0) || strings.ToValidUTF8(e, "") != e {
			t.Fatalf("%q is stored as %q", s, e)
		}
		if back, err := unescape(e); err != nil || back != s {
			t.Fatalf("%q came back as %q, error %v", s, back, err)
		}
	})
}

// TestDomains holds names to theirs: any that parses is stored and read as itself.
func TestDomains(t *testing.T) {
	part := rapid.OneOf(rapid.StringMatching(`[a-z0-9-]{1,6}`), rapid.SampledFrom([]string{
		".", ".", "[.]", "[[.]]", "(dot)", "(.)", "{.}", "[.", ".]", "。", "．", "xn--", "é", "\\", "\xff", "\x00", "_", "*", "İ", "ß", "hxxp:"}))
	rapid.Check(t, func(t *rapid.T) {
		d, err := lurehound.ParseDomain(strings.Join(rapid.SliceOfN(part, 1, 8).Draw(t, "parts"), ""))
		if err != nil {
			return
		}
		back, err := domainOf(escape(d.String()))
		if err != nil || back.String() != d.String() {
			t.Fatalf("%q came back as %q, error %v", d, back, err)
		}
	})
}
