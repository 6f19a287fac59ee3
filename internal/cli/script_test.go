package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"lurehound/internal/examine"
	"lurehound/internal/lab"
	"lurehound/internal/sandbox"
)

// TestMain lets transcripts run this test binary as lurehound and status.
func TestMain(m *testing.M) {
	if sandbox.Main(examine.Parsers()) { // a child of a transcript's lurehound
		return
	}
	testscript.Main(m, map[string]func(){
		"lurehound": func() { os.Exit(mainOS(os.Args[1:])) },
		// status runs lurehound and checks its exit status: status 3 hunt …
		"status": func() {
			got := mainOS(os.Args[2:])
			if fmt.Sprint(got) != os.Args[1] {
				fmt.Fprintf(os.Stderr, "exit status %d, want %s\n", got, os.Args[1])
				os.Exit(1)
			}
		},
	})
}

func mainOS(args []string) int {
	return Main(context.Background(), os.Environ(), os.Stdin, os.Stdout, os.Stderr, args)
}

// writeInstaller makes a file of an installer of the laboratory: installer NAME FILE. They are harmless. Its hash is
// then in $NAME_SHA256.
func writeInstaller(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: installer NAME FILE")
	}
	r, size, err := lab.Installer(args[0])
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	_, err = io.Copy(f, io.NewSectionReader(r, 0, size))
	ts.Check(errors.Join(err, f.Close()))
	all, err := lab.Installers()
	ts.Check(err)
	for _, in := range all {
		if in.Name == args[0] {
			ts.Setenv(args[0]+"_SHA256", in.SHA256)
		}
	}
}

// expandFile writes a file anew with the variables that it names: expand FILE.
func expandFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: expand FILE")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
}

// TestScripts plays the transcripts: every promise of the command line has one.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"installer": writeInstaller, "expand": expandFile},
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_DATA_HOME", e.WorkDir+"/data")
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
			files, err := lab.Installers()
			if err != nil {
				return err
			}
			for _, f := range files {
				if f.Name == "fake" {
					e.Setenv("FAKE", f.SHA256)
				}
			}
			e.Setenv("CORPUS", os.Getenv("LUREHOUND_CORPUS"))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "corpus" {
				_, err := os.Stat(os.Getenv("LUREHOUND_CORPUS"))
				return err == nil, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}
