package feed

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSearch(t *testing.T) {
	fake := newFake(t)
	fake.month(20)
	fake.days["2024-07-14"] = append(fake.days["2024-07-14"], "zz.telecom.info.co.uk", "aa.com.info", "mlcrodicom.info", "MLCRODLCOM.INFO")
	fake.days["2024-07-01"] = append(fake.days["2024-07-01"], "dup.com.info", "dup.com.info")
	var got []record
	report, err := Search(t.Context(), fake.config(), "Com[.]info", 31, func(n Name) error {
		got = append(got, record{n.Name, n.FirstSeen.Format(time.DateOnly), n.IP})
		return nil
	})
	want := []record{
		{"microdicom.info", "2024-06-27", ""}, {"microdlcom.info", "2024-06-27", ""}, {"mlcrodicom.info", "2024-06-27", ""},
		{"dup.com.info", "2024-07-01", ""},
		{"aa.com.info", "2024-07-14", ""}, {"mlcrodlcom.info", "2024-07-14", ""}, {"zz.telecom.info.co.uk", "2024-07-14", ""},
	}
	// The names of the founding case stand in reverse order there: order is ours.
	if d := cmp.Diff(want, got, cmp.AllowUnexported(record{})); d != "" || err != nil {
		t.Errorf("%v\n%s", err, d)
	}
	if report.Days != 31 || len(report.Problems) != 0 {
		t.Errorf("report %+v", report)
	}
	if fake.neglected > 0 {
		t.Errorf("%d requests came too fast", fake.neglected)
	}
}

func TestSearchSaysWhichDayFailed(t *testing.T) {
	for name, prepare := range map[string]func(*fakeISC){
		"file cut": func(f *fakeISC) {
			f.body = func(path string, b []byte) []byte {
				if strings.Contains(path, "2024-07-13") {
					return b[:len(b)*2/3]
				}
				return b
			}
		},
		"search cut": func(f *fakeISC) {
			f.fileDays = 1
			f.body = func(path string, b []byte) []byte {
				if strings.Contains(path, "2024-07-13") {
					return []byte(`[{"domainname":"x.com.info"},`)
				}
				return b
			}
		},
		"server error": func(f *fakeISC) {
			f.status = func(_ int, path string) int {
				if strings.Contains(path, "2024-07-13") {
					return 502
				}
				return 0
			}
		},
	} {
		fake := newFake(t)
		fake.month(300)
		fake.days["2024-07-12"] = append(fake.days["2024-07-12"], "seen.com.info")
		prepare(fake)
		rows := 0
		_, err := Search(t.Context(), fake.config(), "com.info", 5, func(Name) error { rows++; return nil })
		var days *DaysError
		if !errors.As(err, &days) || len(days.Days) == 0 || !days.Days[0].Equal(day("2024-07-13")) {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(err.Error(), "2024-07-13") {
			t.Errorf("%s: %v", name, err)
		}
		if name != "server error" && (len(days.Days) != 1 || rows == 0) { // there the server is left alone
			t.Errorf("%s: %d rows, %v", name, rows, err)
		}
	}
}

// TestSearchBehindReach expects days that the feed does not hold any more to be
// missing, not empty.
func TestSearchBehindReach(t *testing.T) {
	for _, c := range []struct {
		name         string
		days         int
		oldest, kept string // a name of that day
		missing      int
		requests     int // search for a day, of days behind the reach
	}{
		{name: "within", days: 31, oldest: "2024-06-15"},
		{name: "the first day behind", days: 32, oldest: "2024-06-15", missing: 1, requests: 1},
		{name: "45 days", days: 45, oldest: "2024-06-15", missing: 14, requests: 3},
		{name: "the feed holds more", days: 45, oldest: "2024-06-13", missing: 13, requests: 5},
		{name: "a kept day", days: 45, oldest: "2024-06-15", kept: "2024-06-01", missing: 13, requests: 3},
	} {
		fake := newFake(t)
		fake.month(20)
		fake.days[c.oldest] = append(fake.days[c.oldest], "old.com.info")
		config := fake.config()
		config.CacheDir = t.TempDir()
		if c.kept != "" {
			keep, err := openArchive(config.CacheDir, fake.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			d := &days{c: config.withDefaults(), keep: keep}
			d.keepAnswer(searchKey(day(c.kept), []string{"com.info"}), []Name{{Name: "kept.com.info"}})
			d.keepAnswer(searchKey(day("2024-06-10"), []string{"com.info"}), nil) // kept when it was behind already
		}
		for range 2 { // what was kept the first time does not make a day complete
			fake.requests = nil
			rows := 0
			report, err := Search(t.Context(), config, "com.info", c.days, func(Name) error { rows++; return nil })
			var e *DaysError
			if c.missing == 0 {
				if err != nil || report.Days != c.days {
					t.Errorf("%s: %d days, %v", c.name, report.Days, err)
				}
				continue
			}
			if !errors.As(err, &e) || len(e.Days) != c.missing || e.Old != c.missing || report.Days != c.days-c.missing || rows == 0 {
				t.Errorf("%s: %d days, %d rows, %+v", c.name, report.Days, rows, err)
			}
			if said := strings.Join(report.Problems, "\n"); !strings.Contains(said, "not covered: the feed reaches back about a month") {
				t.Errorf("%s: %s", c.name, said)
			}
			asked := 0
			for _, path := range fake.requests {
				if strings.Contains(path, "/recentdomains/2024-05") || strings.Contains(path, "/recentdomains/2024-06-0") || strings.Contains(path, "/recentdomains/2024-06-1") && path < "/api/recentdomains/2024-06-15" {
					asked++
				}
			}
			if asked > c.requests {
				t.Errorf("%s: %d requests for days behind the reach, want at most %d", c.name, asked, c.requests)
			}
		}
	}
}

// TestStreamBehindReach expects the same of a hunt.
func TestStreamBehindReach(t *testing.T) {
	fake := newFake(t)
	fake.month(20)
	c := fake.config()
	c.Days, c.Fragments = 45, []string{"dicom", "micro"}
	_, _, last := all(t, openFake(t, c), "")
	if last.Report.Days != 31 || !slices.Contains(last.Report.Problems, "2024-06-01 to 2024-06-14 (14 days): not covered: the feed reaches back about a month") {
		t.Errorf("report %+v", last.Report)
	}
}

func TestCheckSearch(t *testing.T) {
	for in, want := range map[string]string{"com.info": "com.info", " MicroDicom ": "microdicom", "mlcrodicom[.]info": "mlcrodicom.info", "a-b_c": "a-b_c"} {
		if got, err := CheckSearch(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "+", "a", "..", "a/b", "a?b", "a b", "ä", "%2e", strings.Repeat("x", 64), "a\r\nb"} {
		if got, err := CheckSearch(in); !errors.Is(err, ErrSearch) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestFileName(t *testing.T) {
	for in, want := range map[string]string{
		"com.info": "com.info.csv", "../../etc/passwd": "_.._etc_passwd.csv", "": "search.csv", "..": "search.csv", "-rf": "rf.csv",
		".hidden": "hidden.csv", "a b*c": "a_b_c.csv", "nul": "_nul.csv", "COM1.x": "_COM1.x.csv", "ä\x00": "__.csv",
		strings.Repeat("x", 300): strings.Repeat("x", 100) + ".csv",
	} {
		if got := FileName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "com.info.csv")
	write := func(force bool) error {
		tab, err := CreateTable(path, force)
		if err != nil {
			return err
		}
		for _, n := range []Name{
			{Name: "mlcrodicom.info", FirstSeen: day("2024-06-27")},
			{Name: "=cmd()", IP: "192.0.2.1"}, {Name: "+a"}, {Name: "-a"}, {Name: "@a"}, {Name: "\ta"}, {Name: "a,\"b"},
		} {
			if err := tab.Row(n); err != nil {
				return err
			}
		}
		if _, err := os.Stat(path); err == nil && !force {
			t.Error("the file is there before it is complete")
		}
		return tab.Commit()
	}
	if err := write(false); err != nil {
		t.Fatal(err)
	}
	want := "domain,ip,firstseen\nmlcrodicom.info,,2024-06-27\n'=cmd(),192.0.2.1,\n'+a,,\n'-a,,\n'@a,,\n'\ta,,\n\"a,\"\"b\",,\n"
	if b, _ := os.ReadFile(path); string(b) != want {
		t.Errorf("%q", b)
	}
	if err := write(false); !errors.Is(err, ErrExists) {
		t.Errorf("a file was overwritten: %v", err)
	}
	if err := write(true); err != nil {
		t.Error(err)
	}

	// One that appears meanwhile is not replaced; one that is given up leaves nothing.
	os.Remove(path)
	tab, err := CreateTable(path, false)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(path, []byte("mine"), 0o600)
	if err := tab.Commit(); !errors.Is(err, ErrExists) {
		t.Errorf("a file that came meanwhile: %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "mine" {
		t.Errorf("it was replaced by %q", b)
	}
	os.Remove(path)
	if tab, err = CreateTable(path, false); err != nil {
		t.Fatal(err)
	}
	tab.Discard()
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files were left over", len(files))
	}
}

// TestTablePath expects errors about the path, not about the temporary file.
func TestTablePath(t *testing.T) {
	t.Chdir(t.TempDir())
	os.WriteFile("file", nil, 0o600)
	os.Mkdir("folder", 0o700)
	for path, want := range map[string]string{
		"missing/dir/f.csv": "there is no folder missing/dir",
		"file/f.csv":        "there is no folder file",
		"folder":            "folder is a folder; name a file",
	} {
		if _, err := CreateTable(path, true); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}
