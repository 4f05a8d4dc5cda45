package cli

import (
	"flag"
	"strings"

	urfave "github.com/urfave/cli/v2"
)

// option is one flag of a command as a person sees it. It is what the
// arguments are reordered by, what help and completion are printed from, and,
// as a urfave flag, where the value lands.
type option struct {
	name     string   // database-url
	alias    string   // one letter, or ""
	metavar  string   // URL; "" for a switch
	usage    string   // one line
	def      string   // the default in words, "" to say nothing
	choices  []string // what completion offers
	list     bool     // may be given again: texts add up
	isSwitch bool     // takes no value, or =true and =false
	env      string   // DJHARDEN_DATABASE_URL, or "" where no variable stands for it
	group    string   // heading in help
	files    bool     // completion offers file names

	texts []string // as given on the command line, in order
}

// String is part of urfave.Flag; help is printed without it.
func (o *option) String() string { return "--" + o.name }

// Apply is part of urfave.Flag. A one-letter alias is not told to urfave/cli,
// which would copy values between the two by String: arrange has spelled it out.
func (o *option) Apply(set *flag.FlagSet) error {
	set.Var((*optionValue)(o), o.name, o.usage)
	return nil
}

// Names is part of urfave.Flag.
func (o *option) Names() []string { return []string{o.name} }

// IsSet is part of urfave.Flag.
func (o *option) IsSet() bool { return len(o.texts) > 0 }

var _ urfave.Flag = (*option)(nil)

// text is the value as one text: a list's joined by commas, else the last one
// given.
func (o *option) text() string {
	if len(o.texts) == 0 {
		return ""
	}
	if o.list {
		return strings.Join(o.texts, ",")
	}
	return o.texts[len(o.texts)-1]
}

// optionValue is an option as package flag wants it. Set takes any text: the
// errors of package flag repeat the value, and a value may be a secret.
type optionValue option

func (v *optionValue) String() string   { return "" }
func (v *optionValue) IsBoolFlag() bool { return v.isSwitch }
func (v *optionValue) Set(s string) error {
	v.texts = append(v.texts, s)
	return nil
}

// on reads a switch: given, and not =false. The error is a usage error.
func (o *option) on(getenv func(string) (string, bool)) (bool, error) {
	text, from := "", ""
	if len(o.texts) > 0 {
		text, from = o.text(), "--"+o.name
	} else if o.env != "" {
		if v, ok := getenv(o.env); ok && v != "" {
			text, from = v, o.env
		}
	}
	if from == "" {
		return false, nil
	}
	b, ok := parseBool(text)
	if !ok {
		return false, usage("write true or false", "%s: %q is neither true nor false", from, text)
	}
	return b, nil
}

func parseBool(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "1", "true", "yes", "on":
		return true, true
	case "0", "false", "no", "off":
		return false, true
	}
	return false, false
}
