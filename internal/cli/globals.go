package cli

import (
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/term"

	"lurehound/internal/config"
	"lurehound/internal/report"
)

// Globals are the flags of every verb.
type Globals struct {
	Format    string   `help:"table, json, jsonl or csv (default: table on a terminal, jsonl otherwise)." placeholder:"FORMAT"`
	Data      string   `help:"Folder of the database and the caches (default: $$XDG_DATA_HOME/lurehound)." placeholder:"DIR" type:"path"`
	Config    string   `help:"Configuration file, TOML." placeholder:"FILE" type:"path"`
	Lab       bool     `help:"Work inside the bundled laboratory Internet: nothing leaves the process."`
	Scenario  string   `help:"Scenario of the laboratory." default:"microdicom" placeholder:"NAME"`
	Resolver  []string `help:"DNS server: ADDR[:PORT], tls://ADDR#NAME or https://HOST/PATH#ADDR; repeatable (default: /etc/resolv.conf)." placeholder:"ADDR[:PORT]"`
	Resolvers string   `help:"File of DNS servers, one a line." placeholder:"FILE" type:"path"`
	AllowNet  []string `help:"Range of one's own that may be visited besides public addresses; repeatable." placeholder:"CIDR[:PORTS]"`

	command  string
	rate     float64 // DNS questions a second; 0 is the resolver's default
	profiles string  // --profiles of verbs that visit
	file     config.File
}

// load reads the configuration file, the named one or the usual one when it is there.
func (g *Globals) load(env environment) error {
	path := g.Config
	if path == "" {
		dir := env["XDG_CONFIG_HOME"]
		if dir == "" && env["HOME"] != "" {
			dir = filepath.Join(env["HOME"], ".config")
		}
		if dir == "" {
			return nil
		}
		path = filepath.Join(dir, "lurehound", "config.toml")
		if _, err := os.Stat(path); err != nil {
			return nil
		}
	}
	f, err := config.Read(path)
	g.file = f
	return err
}

// dataDir is the folder for the database and caches.
func (g *Globals) dataDir(env environment) (string, error) {
	switch {
	case g.Data != "":
		return g.Data, nil
	case g.file.Data != "" && !g.Lab:
		return g.file.Data, nil
	}
	base := env["XDG_DATA_HOME"]
	if base == "" {
		if env["HOME"] == "" {
			return "", misuse("no folder for data: set HOME or XDG_DATA_HOME, or type --data DIR")
		}
		base = filepath.Join(env["HOME"], ".local", "share")
	}
	if g.Lab {
		return filepath.Join(base, "lurehound", "lab"), nil
	}
	return filepath.Join(base, "lurehound"), nil
}

// format is the output format, checked against those that the verb offers.
func (g *Globals) format(out io.Writer, offered ...string) (string, error) {
	f := g.Format
	if f == "" {
		f = "jsonl"
		if isTerminal(out) {
			f = "table"
		}
	}
	for _, o := range offered {
		if f == o {
			return f, nil
		}
	}
	return "", misuse("--format %s is not for this verb; type one of %s", f, join(offered))
}

// noFormat is for verbs that print a few lines for people.
func (g *Globals) noFormat() error {
	if g.Format == "" || g.Format == "table" {
		return nil
	}
	return misuse("--format %s is not for this verb; leave it out", g.Format)
}

// reportOptions are for tables.
func reportOptions(con *console) report.Options {
	o := report.Options{Color: isTerminal(con.stdout) && con.env["NO_COLOR"] == "" && con.env["TERM"] != "dumb", Width: defaultWidth}
	if n, err := strconv.Atoi(con.env["COLUMNS"]); err == nil && n > 0 {
		o.Width = n
	}
	if w := terminalWidth(con.stdout); w > 0 {
		o.Width = w
	}
	return o
}

// terminalWidth is 0 for what is no terminal.
func terminalWidth(v any) int {
	f, ok := v.(*os.File)
	if !ok {
		return 0
	}
	w, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return w
}

// defaultWidth is the width of tables that go to no terminal.
const defaultWidth = 120

func isTerminal(v any) bool {
	f, ok := v.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func join(list []string) string {
	s := ""
	for i, v := range list {
		if i > 0 {
			s += ", "
		}
		s += v
	}
	return s
}
