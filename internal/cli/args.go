package cli

import (
	"strings"
)

// arrange puts the flags of a command line before its other arguments, and
// those after a "--", because urfave/cli drops flags that come after an
// argument in silence. It also finds what is wrong with them, because the
// words of package flag repeat values, and a value may be a secret.
//
// args is what follows the program's name. The result begins with the
// command's name, or is a flag of the program itself, and is safe to hand on.
func arrange(args []string, commands []command, global []*option) ([]string, error) {
	for len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return nil, nil
	}
	name := args[0]
	if strings.HasPrefix(name, "-") && name != "-" {
		return globalFlag(args, commands, global)
	}
	c, ok := find(commands, name)
	if !ok {
		return nil, unknownCommand(name, commands)
	}
	name = c.name
	if c.raw {
		return append([]string{name, "--"}, args[1:]...), nil
	}
	flags, rest, err := split(c, args[1:])
	if err != nil {
		return nil, err
	}
	return append(append(append([]string{name}, flags...), "--"), rest...), nil
}

// globalFlag settles a command line that begins with a flag.
func globalFlag(args []string, commands []command, global []*option) ([]string, error) {
	name, _, _ := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	if o := lookup(global, name); o != nil {
		return []string{"--" + o.name}, nil
	}
	for _, a := range args[1:] {
		if c, ok := find(commands, a); ok && lookup(c.options, name) != nil {
			return nil, usage("djharden "+c.name+" --"+name+" …", "--%s comes after the command", name)
		}
	}
	return nil, usage("djharden --help lists the commands", "unknown flag --%s", name)
}

// split separates a command's flags, each normalised to one --name=value, from
// its other arguments.
func split(c command, args []string) (flags, rest []string, err error) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return flags, append(rest, args[i+1:]...), nil
		}
		if !strings.HasPrefix(a, "-") || a == "-" {
			rest = append(rest, a)
			continue
		}
		name, value, has := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a, "-"), "-"), "=")
		o := lookup(c.options, name)
		switch {
		case o == nil:
			return nil, nil, unknownFlag(c, name)
		case has:
		case o.isSwitch:
			value = "true"
			if i+1 < len(args) {
				if _, ok := parseBool(args[i+1]); ok && c.maxArgs > 0 {
					return nil, nil, usage("write --"+o.name+"="+args[i+1],
						"--%s takes its value after an equals sign", o.name)
				}
			}
		case i+1 == len(args), strings.HasPrefix(args[i+1], "-") && args[i+1] != "-":
			return nil, nil, usage("write --"+o.name+" "+o.metavar+
				" (a value that begins with a dash goes after an equals sign)", "--%s needs a value", o.name)
		default:
			i++
			value = args[i]
		}
		flags = append(flags, "--"+o.name+"="+value)
	}
	return flags, rest, nil
}

func lookup(options []*option, name string) *option {
	for _, o := range options {
		if name != "" && (o.name == name || o.alias == name) {
			return o
		}
	}
	return nil
}

func unknownFlag(c command, name string) error {
	var names []string
	for _, o := range c.options {
		names = append(names, o.name)
	}
	hint := "djharden " + c.name + " --help lists them"
	if near := nearest(name, names); near != "" {
		hint = "did you mean --" + near + "? " + hint
	}
	return usage(hint, "%s has no flag --%s", c.name, name)
}

func unknownCommand(name string, commands []command) error {
	var names []string
	for _, c := range commands {
		if !c.hidden {
			names = append(names, c.name)
		}
		if c.alias != "" {
			names = append(names, c.alias)
		}
	}
	hint := "djharden --help lists the commands"
	if near := nearest(name, names); near != "" {
		hint = "did you mean djharden " + near + "? " + hint
	}
	return usage(hint, "unknown command %q", maskArg(name))
}

// nearest is the one of names that a slip of the fingers makes s, or "".
func nearest(s string, names []string) string {
	best, at := "", (len(s)+1)/3+1
	s = strings.ToLower(s)
	for _, n := range names {
		low := strings.ToLower(n)
		d := distance(s, low)
		if len(s) > 2 && (strings.HasPrefix(low, s) || strings.HasPrefix(s, low)) {
			d = min(d, 1)
		}
		if d < at {
			best, at = n, d
		}
	}
	return best
}

// distance is Levenshtein's, over bytes, with a swap of neighbours as one.
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// maskArg is an argument as an error may repeat it: a URL put in the wrong
// place may hold a password.
func maskArg(s string) string {
	if i := strings.Index(s, "://"); i >= 0 {
		return s[:i] + "://…"
	}
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
