package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// A verb that is read alone must be read and explained as it is among all.
func TestOneVerb(t *testing.T) {
	all, err := kong.New(&commands{}, kongVars(context.Background()))
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Model.Children) < 10 {
		t.Fatalf("there are %d verbs", len(all.Model.Children))
	}
	for _, verb := range all.Model.Children {
		for _, rest := range [][]string{{"--help"}, {"--no-such-flag"}, {"--lab", "--format"}, {"one", "two", "three"}} {
			args := append([]string{verb.Name}, rest...)
			got := said(t, args, func(c *commands) (any, kong.Option) { return c.grammar(args) })
			want := said(t, args, func(c *commands) (any, kong.Option) { return c.grammar(nil) })
			if got != want || rest[0] == "--help" && !strings.Contains(got, verb.Help) {
				t.Errorf("%s says\n%s\namong all verbs\n%s", strings.Join(args, " "), got, want)
			}
		}
	}
}

// said is what kong prints or complains of, and the command that it read.
func said(t *testing.T, args []string, grammar func(*commands) (any, kong.Option)) string {
	t.Helper()
	var out bytes.Buffer
	root, verb := grammar(&commands{})
	parser, err := kong.New(root, verb, kong.Name("lurehound"), kong.Writers(&out, &out), kong.Exit(func(int) {}), kongVars(context.Background()))
	if err != nil {
		t.Fatal(err)
	}
	kctx, err := parser.Parse(args)
	if err != nil {
		return out.String() + err.Error()
	}
	return out.String() + kctx.Command()
}
