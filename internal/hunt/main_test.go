package hunt_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// victimEnv names the database of a hunt that another test kills.
const victimEnv = "LUREHOUND_TEST_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimEnv); path != "" {
		os.Exit(victim(path))
	}
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
