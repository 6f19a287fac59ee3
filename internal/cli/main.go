// Package cli is the command line: one file a verb. It is the only package that
// names implementations and wires them together. Results go to stdout, progress
// and logs to stderr. It decides nothing about names, pages or verdicts.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"reflect"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"lurehound"
	"lurehound/internal/config"
	"lurehound/internal/examine"
	"lurehound/internal/lexicon"
	"lurehound/internal/match"
	"lurehound/internal/permute"
	"lurehound/internal/sandbox"
)

// Exit statuses; the contract of the command line.
const (
	exitOK         = 0 // complete, nothing at or above --fail-on
	exitFailed     = 1
	exitMisused    = 2
	exitFindings   = 3 // findings at or above --fail-on
	exitIncomplete = 4 // no such findings, but something could not be found out
)

type commands struct {
	Globals

	Hunt     huntCmd     `cmd:"" help:"Find the look-alikes of a brand: the whole path, from names to findings."`
	Check    checkCmd    `cmd:"" help:"What is this name or link?"`
	Permute  permuteCmd  `cmd:"" help:"Make look-alike names of a domain, the likeliest first."`
	Match    matchCmd    `cmd:"" help:"Which names of a list resemble a brand, and why?"`
	Explain  explainCmd  `cmd:"" help:"Hold a name against a brand's domain, letter by letter."`
	Resolve  resolveCmd  `cmd:"" help:"Typed DNS answers, one for each name."`
	Capture  captureCmd  `cmd:"" help:"One page under every profile: who is shown what, and what decides it?"`
	Triage   triageCmd   `cmd:"" help:"An installer taken apart without running it: what is in it, and who signed it?"`
	NRD      nrdCmd      `cmd:"" name:"nrd" help:"Newly registered domains that contain a string, from SANS ISC."`
	Findings findingsCmd `cmd:"" help:"What is known so far, and what you decided about it."`
	Vault    vaultCmd    `cmd:"" help:"Downloaded files, sealed: what there is, and one as an encrypted zip."`
	Fsck     fsckCmd     `cmd:"" help:"Prove that what is stored adds up."`
	Doctor   doctorCmd   `cmd:"" help:"What works here, and where queries and visits will go from."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

const description = `Lurehound hunts the look-alike domains that lure people into a fake copy of a site.

Exit status: 0 complete and nothing suspicious; 3 findings; 4 no findings but incomplete; 1 failed; 2 misused.`

// usageError is a misuse: one line that says what is wrong and what to type instead.
type usageError struct{ line string }

func (e usageError) Error() string { return e.line }

func misuse(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}

// exitError ends a verb with a status and nothing more to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// console is where a verb reads and writes.
type console struct {
	env            environment
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Main runs one command line and returns its exit status.
func Main(ctx context.Context, env []string, stdin io.Reader, stdout, stderr io.Writer, args []string) int {
	if sandbox.Main(examine.Parsers()) { // this process is a child that takes one file apart
		return exitOK
	}
	log.SetOutput(io.Discard) // net/http logs what hosts send unasked; libraries of ours return errors
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once

	if len(args) > 0 && args[0] == "permute" {
		// The command line is read meanwhile. Whoever needs the weights waits for them.
		go func() { permute.DefaultWeights().Prepare(lexicon.Default()) }()
	}
	cmds := commands{}
	helped := false
	grammar, verb := cmds.grammar(args)
	parser, err := kong.New(grammar, verb,
		kong.Name("lurehound"), kong.Description(description),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { helped = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kongVars(ctx))
	if err != nil {
		fmt.Fprintln(stderr, "lurehound:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	switch {
	case helped:
		return exitOK
	case err != nil:
		return status(stderr, usageError{usageLine(parser, err, args)})
	}
	con := &console{env: newEnvironment(env), stdin: stdin, stdout: stdout, stderr: stderr}
	cmds.Globals.command = kctx.Command()
	return status(stderr, kctx.Run(con, &cmds.Globals))
}

// kongVars are the values that help texts and verbs name.
func kongVars(ctx context.Context) kong.Option {
	return kong.OptionFunc(func(k *kong.Kong) error {
		vars := kong.Vars{"maxbudget": fmt.Sprint(maxBudget), "minscore": fmt.Sprint(match.DefaultMinScore), "verdicts": verdictNames(), "states": stateNames()}
		return errors.Join(vars.Apply(k), kong.BindTo(ctx, (*context.Context)(nil)).Apply(k))
	})
}

// grammar is what kong reads the command line by: the flags and the verb that comes first, or
// all verbs when none does. Preparing all takes as long as a short command.
func (c *commands) grammar(args []string) (any, kong.Option) {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if name := cmp.Or(f.Tag.Get("name"), strings.ToLower(f.Name)); !f.Anonymous && len(args) > 0 && args[0] == name {
			return &c.Globals, kong.DynamicCommand(name, f.Tag.Get("help"), "", v.Field(i).Addr().Interface())
		}
	}
	return c, kong.OptionFunc(func(*kong.Kong) error { return nil })
}

// usageLine is what kong complains of, with where to read on.
func usageLine(parser *kong.Kong, err error, args []string) string {
	verb := ""
	for _, c := range parser.Model.Children {
		if len(args) > 0 && c.Name == args[0] {
			verb = args[0] + " "
		}
	}
	return fmt.Sprintf("%v (lurehound %s--help shows the form)", err, verb)
}

func status(stderr io.Writer, err error) int {
	var usage usageError
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &usage), errors.Is(err, config.ErrConfig), errors.Is(err, lurehound.ErrBrand),
		errors.Is(err, lurehound.ErrNotDomain), errors.Is(err, lurehound.ErrIsAddress), errors.Is(err, lurehound.ErrIsLink):
		fmt.Fprintln(stderr, "lurehound:", oneLine(err))
		return exitMisused
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "lurehound: interrupted")
		return exitFailed
	case errors.Is(err, syscall.EPIPE):
		return exitOK // the reader of our output has seen enough
	}
	fmt.Fprintln(stderr, "lurehound:", oneLine(err))
	return exitFailed
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}

// environment is the process's environment as given to Main.
type environment map[string]string

func newEnvironment(env []string) environment {
	e := environment{}
	for _, kv := range env {
		if k, v, ok := strings.Cut(kv, "="); ok {
			e[k] = v
		}
	}
	return e
}

// lookup is what os.LookupEnv would say.
func (e environment) lookup(name string) (string, bool) {
	v, ok := e[name]
	return v, ok
}
