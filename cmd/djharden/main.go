// Command djharden takes a Django project to a hardened production
// configuration and keeps it there.
package main

import (
	"os"

	"github.com/djharden/djharden/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr))
}
