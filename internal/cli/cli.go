// Package cli turns arguments, prompts and results into words and exit codes.
// Only this package knows urfave/cli, survey and the terminal. Results go to
// stdout, everything else to stderr; an error is printed once, here.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	urfave "github.com/urfave/cli/v2"
)

// Main runs the command line, args[0] being the program's name, and returns
// the exit code. It reads DJHARDEN_* variables, NO_COLOR and TERM. Questions
// are asked only where stdin and stderr are both terminals. The process is
// expected to exit with the code: signals stay caught, so that one that comes
// after the work is done doesn't turn it into a failure.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, getenv: os.LookupEnv, environ: os.Environ}
	ctx := onSignal()
	done := make(chan int, 1)
	go func() { done <- report(stderr, p.run(ctx, args)) }()
	select {
	case code := <-done:
		return code
	case <-ctx.Done():
	}
	if p.guard.stop() {
		return report(stderr, errInterrupted)
	}
	return <-done
}

// program is one run of djharden.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) (string, bool)
	environ        func() []string
	guard          guard
}

// command is one subcommand: what it is called, what it takes and what it
// does. Help and completion are printed from it.
type command struct {
	name    string
	alias   string // another name for it, or ""
	args    string // "[DIR]"
	maxArgs int
	short   string // one line for the list of commands
	long    string // help, between the usage line and the flags
	options []*option
	words   []string // what completion offers for the argument; nil: folders
	hidden  bool
	raw     bool // takes its arguments as they are
	run     func(ctx context.Context, args []string) error
}

func find(commands []command, name string) (command, bool) {
	for _, c := range commands {
		if c.name == name || name != "" && c.alias == name {
			return c, true
		}
	}
	return command{}, false
}

func (p *program) commands() []command {
	return []command{
		p.initCommand(), p.syncCommand(), p.checkCommand(), p.explainCommand(), p.rotateCommand(), p.undoCommand(),
		p.completionCommand(), p.versionCommand(), p.helpCommand(), p.completeCommand(),
	}
}

func globalOptions() []*option {
	return []*option{
		{name: "help", alias: "h", isSwitch: true, usage: "this text"},
		{name: "version", alias: "v", isSwitch: true, usage: "the version"},
	}
}

// run hands the command line to urfave/cli, arranged so that it can't drop
// any of it, and returns the command's error.
func (p *program) run(ctx context.Context, args []string) error {
	commands, global := p.commands(), globalOptions()
	arranged, err := arrange(args[1:], commands, global)
	if err != nil {
		return err
	}
	app := &urfave.App{
		Name:            "djharden",
		HideHelp:        true,
		HideHelpCommand: true,
		HideVersion:     true,
		Reader:          p.stdin,
		Writer:          p.stdout,
		ErrWriter:       p.stderr,
		// urfave/cli calls os.Exit for its own errors unless told not to.
		ExitErrHandler: func(*urfave.Context, error) {},
		OnUsageError:   onUsageError,
		Action: func(*urfave.Context) error {
			switch {
			case global[0].IsSet():
				return p.printHelp("")
			case global[1].IsSet():
				return p.printVersion()
			}
			writeHelp(p.stderr, commands)
			return usage("", "no command given")
		},
	}
	for _, o := range global {
		app.Flags = append(app.Flags, o)
	}
	for _, c := range commands {
		app.Commands = append(app.Commands, p.urfaveCommand(c))
	}
	return app.RunContext(ctx, append([]string{"djharden"}, arranged...))
}

func (p *program) urfaveCommand(c command) *urfave.Command {
	help := &option{name: "help", alias: "h", isSwitch: true, usage: "this text"}
	u := &urfave.Command{
		Name:            c.name,
		HideHelp:        true,
		HideHelpCommand: true,
		OnUsageError:    onUsageError,
		Action: func(ctx *urfave.Context) error {
			if help.IsSet() {
				return p.printHelp(c.name)
			}
			args := ctx.Args().Slice()
			if len(args) > c.maxArgs && !c.raw {
				return tooMany(c, args)
			}
			return c.run(ctx.Context, args)
		},
	}
	for i, o := range c.options {
		if o.name == "help" {
			c.options[i] = help
		}
		u.Flags = append(u.Flags, c.options[i])
	}
	return u
}

func tooMany(c command, args []string) error {
	hint := "djharden " + c.name + " --help shows how"
	if c.maxArgs == 0 {
		return usage(hint, "%s takes no argument, and was given %q", c.name, maskArg(args[0]))
	}
	if c.maxArgs > 1 {
		return usage(hint, "%s takes %s, and was given %q as well", c.name, c.args, maskArg(args[c.maxArgs]))
	}
	return usage(hint, "%s takes one %s, and was given %q as well as %q",
		c.name, trimBrackets(c.args), maskArg(args[1]), maskArg(args[0]))
}

func trimBrackets(s string) string {
	if len(s) > 2 && s[0] == '[' {
		return s[1 : len(s)-1]
	}
	return s
}

// onUsageError keeps urfave/cli from printing usage errors itself, on stdout.
// arrange has found them before; what is left is a bug, but stays quiet.
func onUsageError(_ *urfave.Context, err error, _ bool) error {
	return usage("djharden --help", "%w", err)
}

func helpOption() *option {
	return &option{name: "help", alias: "h", isSwitch: true, usage: "this text"}
}

func (p *program) helpCommand() command {
	return command{
		name: "help", args: "[COMMAND]", maxArgs: 1, short: "explain a command",
		options: []*option{helpOption()},
		words:   []string{"init", "sync", "check", "explain", "rotate", "undo", "completion", "version"},
		run: func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return p.printHelp("")
			}
			return p.printHelp(args[0])
		},
	}
}

func (p *program) printHelp(name string) error {
	if name == "" {
		writeHelp(p.stdout, p.commands())
		return nil
	}
	c, ok := find(p.commands(), name)
	if !ok || c.hidden {
		return unknownCommand(name, p.commands())
	}
	writeCommandHelp(p.stdout, c)
	return nil
}

func (p *program) note(format string, a ...any) {
	fmt.Fprintf(p.stderr, format+"\n", a...)
}
