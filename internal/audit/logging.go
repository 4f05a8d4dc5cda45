package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// Levels of Python's logging.
var levels = map[string]float64{"NOTSET": 0, "DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50, "FATAL": 50}

const warning = 30

// level is the number of a level, as a name or a number; def for None.
func level(v *pyeval.Value, def float64) (n float64, known bool) {
	switch {
	case v == nil || v.Kind == pyeval.None:
		return def, true
	case v.Kind == pyeval.Str:
		n, known = levels[v.S]
		return n, known
	}
	return number(v)
}

// logging is what Django's logging does in production: its own configuration
// with LOGGING over it.
type logging struct {
	p *Project
	v *pyeval.Value // LOGGING: a dict
}

// handler judges whether a handler of LOGGING writes down a record of a level,
// with DEBUG off; why says what keeps it from it.
func (l logging) handler(name string, at float64) (t pyeval.Truth, why string) {
	handlers, _ := lookup(l.v, "handlers", pythonValue(dict{}))
	h, there := lookup(handlers, name, pythonValue(nil))
	if there != pyeval.Yes || h.Kind != pyeval.Dict {
		return pyeval.Maybe, "the handler " + name + " can't be seen"
	}
	least, known := level(h.Get("level"), 0)
	class, _ := dotted(h.Get("class"))
	factory, _ := dotted(h.Get("()"))
	switch kind := class + factory; {
	case !known:
		return pyeval.Maybe, "the level of the handler " + name + " can't be told"
	case least > at:
		return pyeval.No, "the handler " + name + " takes nothing below " + levelName(least)
	case kind == "logging.NullHandler":
		return pyeval.No, "the handler " + name + " writes nothing"
	case kind == "":
		return pyeval.Maybe, "the class of the handler " + name + " can't be seen"
	case kind == "django.utils.log.AdminEmailHandler":
		if admins, _ := l.p.get("ADMINS"); admins.Truth() == pyeval.No {
			return pyeval.No, "ADMINS is empty, so the handler " + name + " mails nobody"
		}
	}
	return l.passes(h, name)
}

// passes judges the filters of a handler. Those of a logger don't matter here:
// they see only what is logged on it, and Django logs on loggers below
// django.security.
func (l logging) passes(of *pyeval.Value, name string) (t pyeval.Truth, why string) {
	list, there := lookup(of, "filters", pythonValue(list{}))
	if there == pyeval.No {
		return pyeval.Yes, ""
	}
	out, why := pyeval.Yes, ""
	if !list.IsList() {
		return pyeval.Maybe, "the filters of " + name + " can't be seen"
	}
	filters, _ := lookup(l.v, "filters", pythonValue(dict{}))
	for _, x := range list.Items {
		f, _ := lookup(filters, x.S, pythonValue(nil))
		kind, _ := dotted(f.Get("()"))
		switch {
		case kind == "django.utils.log.RequireDebugTrue":
			return pyeval.No, name + " has the filter " + x.S + ": it is silent with DEBUG off"
		case kind == "django.utils.log.RequireDebugFalse":
		default:
			out, why = pyeval.Maybe, "what the filter "+x.S+" lets through can't be told"
		}
	}
	return out, why
}

func levelName(n float64) string {
	for _, name := range []string{"CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"} {
		if n >= levels[name] {
			return name
		}
	}
	return "NOTSET"
}

// logger is what LOGGING says of a logger; the root is "".
func (l logging) logger(name string) (*pyeval.Value, pyeval.Truth) {
	if name == "" {
		if v, t := lookup(l.v, "root", pythonValue(nil)); t != pyeval.No {
			return v, t
		}
	}
	loggers, _ := lookup(l.v, "loggers", pythonValue(dict{}))
	return lookup(loggers, name, pythonValue(nil))
}

// writes follows a record from a logger up to the root, as logging does, and
// says whether a handler writes it down.
func (l logging) writes(name string, at float64) (t pyeval.Truth, why string) {
	if t, why := l.enabled(name, at); t != pyeval.Yes {
		return t, why
	}
	out, why := pyeval.No, "no logger above "+name+" has a handler"
	if name == "django.security" || strings.HasPrefix(name, "django") {
		why = "Django's own handlers are silent with DEBUG off, and LOGGING gives neither " + name + " nor django nor the root one"
	}
	reasons := 0
	for n := name; ; n = parent(n) {
		v, there := l.logger(n)
		if there == pyeval.Maybe || there == pyeval.Yes && v.Kind != pyeval.Dict {
			return pyeval.Maybe, "the logger " + n + " can't be seen"
		}
		if there == pyeval.Yes {
			handlers, _ := lookup(v, "handlers", pythonValue(list{}))
			if handlers.Kind == pyeval.Unknown || handlers.Open {
				out, why = pyeval.Maybe, "the handlers of "+n+" can't be seen"
			}
			for _, h := range handlers.Strings() {
				switch t, reason := l.handler(h, at); t {
				case pyeval.Yes:
					return pyeval.Yes, ""
				case pyeval.Maybe:
					out, why = t, reason
				case pyeval.No:
					if reasons++; reasons == 1 && out == pyeval.No {
						why = reason
					}
				}
			}
			if up, _ := lookup(v, "propagate", pythonValue(true)); up.Truth() == pyeval.No {
				if out == pyeval.No && reasons == 0 {
					why = "the logger " + n + " has no handler and doesn't propagate, so Python prints the bare text, without time, level or logger"
				}
				return out, why
			} else if up.Truth() == pyeval.Maybe {
				out, why = pyeval.Maybe, "whether "+n+" propagates can't be told"
			}
		}
		if n == "" {
			return out, why
		}
	}
}

// enabled says whether a logger takes a record of a level at all: the nearest
// level above decides. Django's own configuration sets django to INFO.
func (l logging) enabled(name string, at float64) (pyeval.Truth, string) {
	for n := name; ; n = parent(n) {
		v, there := l.logger(n)
		least, known := level(v.Get("level"), 0)
		switch {
		case there == pyeval.Maybe || !known:
			return pyeval.Maybe, "the level of " + n + " can't be told"
		case least > at:
			return pyeval.No, "the logger " + shown(n) + " takes nothing below " + levelName(least)
		case least > 0 || n == "" || n == "django":
			return pyeval.Yes, ""
		}
	}
}

// silences is the line that keeps a record from being written, the zero Place
// where it is what LOGGING doesn't say.
func (l logging) silences(name string, at float64) pyeval.Place {
	for n := name; ; n = parent(n) {
		v, _ := l.logger(n)
		if least, _ := level(v.Get("level"), 0); least > at {
			return v.KeyPlace("level")
		}
		for _, h := range v.Get("handlers").Strings() {
			handler := l.v.Get("handlers", h)
			if least, _ := level(handler.Get("level"), 0); least > at {
				return handler.KeyPlace("level")
			}
			if t, _ := l.passes(handler, h); t == pyeval.No {
				return handler.KeyPlace("filters")
			}
			return v.KeyPlace("handlers")
		}
		if n == "" {
			return pyeval.Place{}
		}
	}
}

func shown(logger string) string {
	if logger == "" {
		return "root"
	}
	return logger
}

func parent(logger string) string {
	return logger[:max(0, strings.LastIndexByte(logger, '.'))]
}

// named are the loggers that LOGGING names.
func (l logging) named() []string {
	loggers, _ := lookup(l.v, "loggers", pythonValue(dict{}))
	var out []string
	for _, k := range loggers.Keys {
		if k.Kind == pyeval.Str {
			out = append(out, k.S)
		}
	}
	slices.Sort(out)
	return out
}
