package cli

import (
	"context"
	"fmt"
	"runtime/debug"
)

// version is set by the linker (see the Makefile).
var version string

// Version is the program's own version: what the linker was told, else what
// the module was built from, else "dev".
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

func (p *program) printVersion() error {
	_, err := fmt.Fprintf(p.stdout, "djharden %s\n", Version())
	return err
}

func (p *program) versionCommand() command {
	return command{
		name: "version", short: "print the version", options: []*option{helpOption()},
		run: func(context.Context, []string) error { return p.printVersion() },
	}
}
