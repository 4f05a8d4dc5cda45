package scaffold

import (
	"fmt"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pysrc"
)

// logging writes security events to stdout, for the platform to keep; what the
// project logs already stays.
func (o *overlay) logging() []string {
	if v := o.v("LOGGING_CONFIG"); v != nil && v.Kind == django.None {
		o.warn("logging", "%s:%d: LOGGING_CONFIG is None, so the project sets up its logs itself: see that django.security gets out", o.s.Path, o.s.LineOf(v))
		return nil
	}
	have := o.v("LOGGING")
	if have == nil {
		return append([]string{"LOGGING = {", `    "version": 1,`, `    "disable_existing_loggers": False,`}, append(o.logBody(nil), "}")...)
	}
	return o.merged("LOGGING", o.logBody(have))
}

// logBody are the parts of LOGGING that djharden adds; names of its own keep
// them apart from the user's.
func (o *overlay) logBody(have *django.Value) []string {
	format, handler := "verbose", "console"
	if have != nil {
		format, handler = "hardening", "stdout"
	}
	var out []string
	part := func(key string, body []string) {
		if len(body) == 0 {
			return
		}
		head := fmt.Sprintf("    %q: {", key)
		switch {
		case have == nil:
		case have.Kind == django.Dict && have.Get(key) != nil:
			head = fmt.Sprintf("    %q: LOGGING[%q]\n    | {", key, key)
		case have.Kind != django.Dict || have.Open:
			head = fmt.Sprintf("    %q: LOGGING.get(%q, {})\n    | {", key, key)
		}
		out = append(append(append(out, head), body...), "    },")
	}
	part("formatters", []string{fmt.Sprintf(`        %q: {"format": "{levelname} {asctime} {name} {message}", "style": "{"},`, format)})
	handlers := []string{
		fmt.Sprintf("        %q: {", handler),
		`            "class": "logging.StreamHandler",`,
		fmt.Sprintf("            \"formatter\": %q,", format),
		`            "stream": "ext://sys.stdout",`,
		"        },",
	}
	if o.a.SecurityLog != "" {
		handlers = append(handlers,
			`        "security": {`,
			fmt.Sprintf("            \"class\": %q,", o.own+".logs.SecurityFileHandler"),
			`            "level": "WARNING",`,
			fmt.Sprintf("            \"formatter\": %q,", format),
			fmt.Sprintf("            \"filename\": %s,", pysrc.Quote(o.a.SecurityLog)),
			`            "encoding": "utf-8",`,
			`            "delay": True,`,
			"        },")
	}
	part("handlers", handlers)
	if !o.speaks(have) {
		out = append(out, fmt.Sprintf(`    "root": {"handlers": [%q], "level": "INFO"},`, handler))
	}
	part("loggers", o.loggers(have, handler))
	return out
}

func (o *overlay) loggers(have *django.Value, handler string) []string {
	var out []string
	file := ""
	if o.a.SecurityLog != "" {
		file = `, "security"`
	}
	if have.Get("loggers", "django.security") == nil {
		out = append(out,
			`        "django.security": {`,
			fmt.Sprintf(`            "handlers": [%q%s],`, handler, file),
			`            "level": "WARNING",`,
			`            "propagate": False,`,
			"        },")
	}
	switch {
	case !o.a.Lockout || have.Get("loggers", "axes") != nil:
	case file != "":
		out = append(out, "        # At INFO it greets at every start and login; WARNING: failures and lockouts.", `        "axes": {"handlers": ["security"], "level": "WARNING"},`)
	default:
		out = append(out, `        "axes": {"level": "WARNING"},  # it greets at every start and login`)
	}
	return out
}

// speaks reports whether the project's own LOGGING already has a handler for
// everything, or for Django: a second one would say each line twice.
func (o *overlay) speaks(have *django.Value) bool {
	if have == nil {
		return false
	}
	if have.Kind != django.Dict || have.Open || have.Get("root") != nil {
		return true
	}
	for _, name := range []string{"", "django", "root"} {
		if have.Get("loggers", name) != nil {
			return true
		}
	}
	return false
}
