package cli

import (
	"fmt"
	"io"
	"strings"
)

const width = 80

// writeHelp is djharden --help: it teaches by example.
func writeHelp(w io.Writer, commands []command) {
	fmt.Fprint(w, `djharden takes a Django project to a hardened production configuration.

Start here
  djharden init mysite --domain example.com  a new project in ./mysite
  cd shop && djharden init                   adopt the project in this folder
  djharden init --domain example.com --diff  show every line first, write none
  djharden sync                              stay so after an upgrade
  djharden rotate secret-key                 a new key, and nobody is signed out
  djharden undo                              take the last write back

Commands
`)
	for _, c := range commands {
		if !c.hidden {
			fmt.Fprintf(w, "  %-17s %s\n", strings.TrimRight(c.name+" "+c.args, " "), c.short)
		}
	}
	fmt.Fprint(w, `
  djharden COMMAND --help says more, by example.

It asks only where there is a terminal; every question is also a flag, and a
variable: --database-url is DJHARDEN_DATABASE_URL. It runs none of the project's
code, uses no network, and writes all of a plan or none of it.

`)
	writeExitCodes(w)
}

func writeExitCodes(w io.Writer) {
	fmt.Fprintln(w, "Exit codes")
	for _, e := range exitCodes {
		fmt.Fprintf(w, "  %-4d %s\n", e.code, e.what)
	}
}

func writeCommandHelp(w io.Writer, c command) {
	line := "djharden " + c.name
	if c.args != "" {
		line += " " + c.args
	}
	if len(c.options) > 1 {
		line += " [FLAGS]"
	}
	fmt.Fprintf(w, "%s\n\n%s.\n", line, upper(c.short))
	if c.long != "" {
		fmt.Fprintf(w, "\n%s\n", strings.Trim(c.long, "\n"))
	}
	for _, g := range groups(c.options) {
		fmt.Fprintf(w, "\n%s\n", g)
		for _, o := range c.options {
			if heading(o) == g {
				writeOption(w, o)
			}
		}
	}
	if c.name == "init" || c.name == "sync" || c.name == "check" {
		fmt.Fprintln(w)
		writeExitCodes(w)
	}
}

func heading(o *option) string {
	if o.group == "" {
		return "Flags"
	}
	return o.group
}

// groups are the headings of options, in order of appearance.
func groups(options []*option) []string {
	var out []string
	seen := map[string]bool{}
	for _, o := range options {
		if g := heading(o); !seen[g] {
			seen[g] = true
			out = append(out, g)
		}
	}
	return out
}

func writeOption(w io.Writer, o *option) {
	const column = 28
	left := "  --" + o.name
	if o.alias != "" {
		left = "  -" + o.alias + ", --" + o.name
	}
	if !o.isSwitch {
		left += " " + o.metavar
	}
	text := o.usage
	if o.def != "" {
		text += " (" + o.def + ")"
	}
	lines := wrap(text, width-column)
	if len(left) > column-2 {
		fmt.Fprintln(w, left)
		left = ""
	}
	for _, l := range lines {
		fmt.Fprintf(w, "%-*s%s\n", column, left, l)
		left = ""
	}
}

// wrap breaks text at spaces into lines of at most n columns, where it can.
func wrap(text string, n int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= n:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
