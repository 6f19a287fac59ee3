package cli

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets transcripts run this test binary as lurehound and status.
func TestMain(m *testing.M) {
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

// TestScripts plays the transcripts: every promise of the command line has one.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_DATA_HOME", e.WorkDir+"/data")
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/config")
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
