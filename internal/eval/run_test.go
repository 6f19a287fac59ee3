package eval

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallCorpus has one or two rows of everything.
func smallCorpus(t testing.TB) Options {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "gold/dev/brands.csv", "brand,domain\nMicroDicom,microdicom.com\nWinSCP,winscp.net\n")
	write(t, dir, "gold/dev/campaigns-a.csv", `host,brand,brand_domain,trail
mlcrodicom.info,MicroDicom,microdicom.com,a
login.microdicom-download.com,MicroDicom,microdicom.com,a
microdicom.evil.example.com,MicroDicom,microdicom.com,b
winscp.winscp.net,WinSCP,winscp.net,b
elsewhere.org,,,b
`)
	write(t, dir, "benign/top.list.gz", strings.Repeat("innocent.example.com\n", 495)+
		"microdicom.de\nmicrodicom.eu\nmicrodicom.fr\nwww.winscp.org\nwinscpp.com\n")
	write(t, dir, "benign/own-domains.csv", "entity,domain,source\nacme,acme.com,x\nacme,acmee.com,x\nbad,com,x\nmicro,microdicom.com,x\nmicro,microdicom.de,x\n")
	lists := filepath.Join(dir, "lists")
	write(t, lists, "owned.csv", "name,brand,why\nwinscp.org,WinSCP,known\n")
	write(t, lists, "undecidable.csv", "name,brand,why\nmicrodicom.fr,MicroDicom,unknown\n")
	var squats strings.Builder
	squats.WriteString("target,host,type\n")
	for i := range squatLeast {
		fmt.Fprintf(&squats, "acme.com,acme%d.com,combo\n", i)
	}
	squats.WriteString("acme.com,nothing.net,slip\n")
	write(t, dir, "squatphi/squatting.csv.gz", squats.String())
	write(t, dir, "nrd/one-day-2026-08-17.list.gz", "winscp-download.top\nother.top\n")
	write(t, dir, "nrd/first-listed.csv.gz", `domain,first_listed,list
mlcrodicom.info,2024-06-27,1m
microdicom-download.com,2024-06-28,1m
microdicom-app.com,2024-05-28,1m
microdicom-app.net,2024-06-29,1m
unlike.net,2024-06-29,1m
`)
	write(t, dir, "advisories/vendors.csv", "vendor,icsma,reference_hosts\nMicroDicom,2,www.microdicom.com(2)\nSiemens,0,www.siemens.com(9)\n")
	write(t, lists, "medical-june-2024.csv", "domain,look,why\nmlcrodicom.info,yes,real\nmicrodicom-app.net,no,ours\n")
	return Options{Corpus: dir, Gold: "gold/dev", Lists: lists, Dump: t.TempDir()}
}

// figures are the rows by part and measure.
func figures(t testing.TB, opt Options) map[string]Row {
	t.Helper()
	rows, err := Run(context.Background(), opt, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Row{}
	for _, r := range rows {
		if key := r.Part + ": " + r.What; r.What != "" {
			if _, twice := out[key]; twice && !strings.HasSuffix(key, "worth a look") {
				t.Errorf("two rows are called %q", key)
			}
			out[key] = r
		}
	}
	return out
}

func TestRunCounts(t *testing.T) {
	opt := smallCorpus(t)
	got := figures(t, opt)
	for what, want := range map[string]Row{
		"popular names: names":                               {Value: 500, Unit: Amount},
		"popular names: undecidable at 50":                   {Value: 0, Unit: Amount},
		"campaigns: recall at 500, host":                     {Value: 0.75, Unit: Share, Of: 4}, // the owner's own name is none
		"campaigns: recall at 500, registrable domain":       {Value: 0.5, Unit: Share, Of: 4},
		"campaigns: recall from 0.50, the default, host":     {Value: 0.75, Unit: Share, Of: 4},
		"own domains: cleared by the owner check":            {Value: 1, Unit: Share, Of: 8},
		"squatting: combo, recall at any score":              {Value: 1, Unit: Share, Of: squatLeast},
		"permutations: recall at 50000 candidates per brand": {Value: 0.5, Unit: Share, Of: 4},
		"openSquat's rule: keywords":                         {Value: 2, Unit: Amount},
	} {
		row := got[what]
		row.Part, row.What, row.Remark = "", "", ""
		if diff := cmp.Diff(want, row); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	for what := range got {
		if strings.HasPrefix(what, "squatting: slip") {
			t.Errorf("a slip of the file is taken for a type: %s", what)
		}
	}
}

// Of the popular names, one is the entity's, one is listed as the owner's, one is listed as undecidable.
func TestPopularNamesAreJudged(t *testing.T) {
	opt := smallCorpus(t)
	figures(t, opt)
	judged := map[string]string{}
	for _, line := range dumped(t, opt, "popular") {
		judged[line[0]] = line[2]
	}
	want := map[string]string{"microdicom.de": "owned", "microdicom.eu": "alarm", "microdicom.fr": "undecidable", "www.winscp.org": "owned", "winscpp.com": "alarm"}
	if diff := cmp.Diff(want, judged); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(dumped(t, opt, "gold")); n != 4 {
		t.Errorf("%d labelled rows are dumped, of 4", n)
	}
}

func dumped(t testing.TB, opt Options, name string) [][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(opt.Dump, name+".tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}

func TestLooksAreCounted(t *testing.T) {
	opt := smallCorpus(t)
	rows, err := Run(context.Background(), opt, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var june, looks Row
	for i, r := range rows {
		if strings.HasPrefix(r.What, "June 2024") && june.What == "" {
			june, looks = r, rows[i+1]
		}
	}
	if june.Value != 3.0/30 || june.Of != 4 {
		t.Errorf("June has %+v, want 3 of 4 names in 30 days", june)
	}
	if looks.Value != 0.5 || looks.Of != 2 || !strings.Contains(looks.Remark, "1 not labelled") {
		t.Errorf("looks %+v, want one of two, one not labelled", looks)
	}
	write(t, opt.Lists, "medical-june-2024.csv", "domain,look,why\nmlcrodicom.info,perhaps,\n")
	if _, err := Run(context.Background(), opt, io.Discard); err == nil || !strings.Contains(err.Error(), "perhaps") {
		t.Errorf("a label that is neither yes nor no: %v", err)
	}
}

// What is missing is skipped and said, and the rest is measured.
func TestMissingDataIsSkipped(t *testing.T) {
	opt := smallCorpus(t)
	if err := os.Remove(filepath.Join(opt.Corpus, "squatphi", "squatting.csv.gz")); err != nil {
		t.Fatal(err)
	}
	got := figures(t, opt)
	if r, ok := got["squatting: skipped"]; !ok || !strings.Contains(r.Remark, "squatting.csv.gz") {
		t.Errorf("squatting: %+v", r)
	}
	if _, ok := got["permutations: recall at 1000 candidates per brand"]; !ok {
		t.Error("what comes behind was not measured")
	}
}

func TestRunsAreTheSame(t *testing.T) {
	opt := smallCorpus(t)
	if diff := cmp.Diff(figures(t, opt), figures(t, opt)); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
}

func TestMainStatus(t *testing.T) {
	opt := smallCorpus(t)
	env := []string{"LUREHOUND_CORPUS=" + opt.Corpus}
	for _, tt := range []struct {
		env    []string
		args   []string
		status int
		says   string
	}{
		{nil, nil, 0, "nothing to measure"},
		{env, []string{"--format", "xml"}, 2, "--format table|json"},
		{env, []string{"extra"}, 2, "--format table|json"},
		{env, []string{"--gold", "gold/none"}, 1, "brands.csv"},
	} {
		var stdout, stderr bytes.Buffer
		if got := Main(context.Background(), tt.env, &stdout, &stderr, tt.args); got != tt.status || !strings.Contains(stderr.String(), tt.says) {
			t.Errorf("%v: status %d, %s", tt.args, got, stderr.String())
		}
	}
	var stdout bytes.Buffer
	if got := Main(context.Background(), env, &stdout, io.Discard, []string{"--format=json", "--lists", opt.Lists}); got != 0 {
		t.Fatalf("status %d", got)
	}
	var doc struct {
		Version int
		Rows    []Row
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil || doc.Version != 1 || len(doc.Rows) < 20 {
		t.Errorf("%d rows of version %d, %v", len(doc.Rows), doc.Version, err)
	}
}

func TestTableIsAligned(t *testing.T) {
	var out bytes.Buffer
	err := writeTable(&out, []Row{
		{Part: "p", What: "long measure", Value: 0.5, Unit: Share, Of: 10, Remark: "r"},
		{Part: "p", What: "m", Value: 12, Unit: Rate},
		{Part: "q", What: "skipped", Remark: "gone"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `part  measure          value  unit             of  remark
p     long measure     0.500  share            10  r
      m                 12.0  in 100,000           
q     skipped                                      gone
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
