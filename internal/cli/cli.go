// Package cli turns arguments, prompts and results into words and exit codes.
package cli

import "io"

// Main runs the command line and returns the exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int { return 2 }
