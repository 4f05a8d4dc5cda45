package audit

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
	"github.com/djharden/djharden/internal/pysrc"
)

// eachLogging judges LOGGING where Django sets it up.
func (r *report) eachLogging(p *Project, test func(logging) verdict) {
	if v, own := p.get("LOGGING_CONFIG"); own && v.Truth() != pyeval.Yes {
		r.unknown(p, "LOGGING_CONFIG", v, "the project sets logging up by itself")
		return
	}
	v, own := p.get("LOGGING")
	if !own || v == nil {
		v = pythonValue(dict{})
	}
	r.weigh(p, "LOGGING", v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Dict && v.Truth() != pyeval.No {
			return p.opaque(v)
		}
		if v.Kind != pyeval.Dict {
			v = pythonValue(dict{})
		}
		return test(logging{p, v})
	})
}

func checkSecurityLog(p *Project, r *report) {
	r.eachLogging(p, func(l logging) verdict {
		t, why := l.writes("django.security", warning)
		switch t {
		case pyeval.Yes:
			return right
		case pyeval.Maybe:
			return cantTell(why)
		}
		return wrong("warnings of django.security are written nowhere: %s", why).place(l.silences("django.security", warning))
	})
}

// fileHandlers are the classes that open a file when they are made.
var fileHandlers = []string{"logging.FileHandler", "logging.handlers.RotatingFileHandler", "logging.handlers.TimedRotatingFileHandler", "logging.handlers.WatchedFileHandler"}

// folders that are on every server.
var systemFolders = []string{"/var/log", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/proc/self/fd", "."}

// checkLogFolder can't see the server: it reports a folder that neither the
// repository nor the settings make.
func checkLogFolder(p *Project, r *report) {
	r.eachLogging(p, func(l logging) verdict {
		handlers, _ := lookup(l.v, "handlers", pythonValue(dict{}))
		for i, k := range handlers.Keys {
			h := handlers.Items[i]
			class, _ := dotted(h.Get("class"))
			file := h.Get("filename")
			if !slices.Contains(fileHandlers, class) || !isPath(file) || h.Get("delay").Truth() == pyeval.Yes {
				continue
			}
			folder := path.Dir(file.S)
			if slices.Contains(systemFolders, folder) || p.makes(folder) {
				continue
			}
			return wrong("the handler %q opens %s at start: nothing here makes %s", k.S, file.S, folder).place(file.At)
		}
		return right
	})
}

// makes says whether a folder is in the repository, or made by the settings.
func (p *Project) makes(folder string) bool {
	for _, name := range p.Result.Files {
		code, err := fs.ReadFile(p.FS, name)
		if err != nil {
			continue
		}
		for _, call := range []string{"mkdir(", "makedirs(", "os.path.isdir(", "os.path.exists(", ".exists()", ".is_dir()"} {
			if strings.Contains(string(code), call) {
				return true
			}
		}
	}
	root := p.sourceRoot()
	if !path.IsAbs(folder) { // from where the server starts: the project's folder, mostly
		return p.isFolder(path.Join(p.dir(), folder))
	}
	if inside, ok := strings.CutPrefix(folder, strings.TrimSuffix(root, "/")); ok && root != "" {
		return p.isFolder(path.Join(p.dir(), inside)) || p.isFolder(strings.Trim(inside, "/"))
	}
	return false
}

func (p *Project) isFolder(name string) bool {
	if name == "" || name == "." {
		return true
	}
	info, err := fs.Stat(p.FS, name)
	return err == nil && info.IsDir()
}

func checkLoggingBroken(p *Project, r *report) {
	v, own := p.get("LOGGING")
	if !own || v.Truth() == pyeval.No {
		return
	}
	r.eachLogging(p, func(l logging) verdict {
		switch version, there := lookup(l.v, "version", pythonValue(nil)); {
		case there == pyeval.No:
			return wrong(`LOGGING has no "version": 1`)
		case there == pyeval.Yes && version.Kind == pyeval.Int && version.N != 1:
			return wrong("LOGGING has version %d: there is only 1", version.N)
		}
		var all []verdict
		handlers, _ := lookup(l.v, "handlers", pythonValue(dict{}))
		for i, k := range handlers.Keys {
			all = append(all, l.defined(handlers.Items[i], "the handler "+k.S, "formatter", "formatters"), l.defined(handlers.Items[i], "the handler "+k.S, "filters", "filters"))
		}
		for _, name := range append(l.named(), "") {
			logger, _ := l.logger(name)
			all = append(all, l.defined(logger, "the logger "+shown(name), "handlers", "handlers"), l.defined(logger, "the logger "+shown(name), "filters", "filters"))
		}
		return worst(all...)
	})
}

// defined judges whether what a handler or logger names is defined.
func (l logging) defined(of *pyeval.Value, who, key, section string) verdict {
	named := of.Get(key)
	if named == nil {
		return right
	}
	known, _ := lookup(l.v, section, pythonValue(dict{}))
	for _, name := range named.Strings() {
		if known.Has(name) == pyeval.No {
			return wrong("%s names %q, which isn't below %s: Django doesn't start", who, name, section).place(named.At)
		}
	}
	return right
}

func checkLoggersDisabled(p *Project, r *report) {
	v, own := p.get("LOGGING")
	if !own || v.Truth() == pyeval.No {
		return
	}
	r.eachLogging(p, func(l logging) verdict {
		if inc, _ := lookup(l.v, "incremental", pythonValue(false)); inc.Truth() == pyeval.Yes {
			return right
		}
		off, there := lookup(l.v, "disable_existing_loggers", pythonValue(true))
		loggers, _ := lookup(l.v, "loggers", pythonValue(dict{}))
		switch {
		case loggers.Has("django") != pyeval.No || loggers.Has("django.request") != pyeval.No:
			return right
		case off.Truth() == pyeval.Maybe:
			return p.opaque(off)
		case off.Truth() == pyeval.No:
			return right
		case there == pyeval.No:
			return wrong("disable_existing_loggers is left out, which means True: django.request, which reports every 500, is switched off")
		}
		return wrong("disable_existing_loggers is True: django.request, which reports every 500, is switched off").place(off.At)
	})
}

func checkLogDebug(p *Project, r *report) {
	r.eachLogging(p, func(l logging) verdict {
		root, there := l.logger("")
		if there != pyeval.Yes || root.Kind != pyeval.Dict {
			return right
		}
		v := root.Get("level")
		return over(v, func(v *pyeval.Value) verdict {
			n, known := level(v, warning)
			if !known || n == 0 || n > levels["DEBUG"] {
				return right
			}
			for _, h := range root.Get("handlers").Strings() {
				if t, _ := l.handler(h, levels["DEBUG"]); t == pyeval.Yes {
					return wrong("the root logger takes everything from DEBUG on, and the handler %s writes it down", h).place(v.At)
				}
			}
			return right
		})
	})
}

func checkAdmins(p *Project, r *report) {
	admins := p.setting("ADMINS", pythonValue(list{}))
	r.eachLogging(p, func(l logging) verdict {
		handlers, _ := lookup(l.v, "handlers", pythonValue(dict{}))
		for i, k := range handlers.Keys {
			h := handlers.Items[i]
			if class, _ := dotted(h.Get("class")); class == "django.utils.log.AdminEmailHandler" && l.used(k.S) {
				switch admins.Truth() {
				case pyeval.No:
					return wrong("the handler %q mails to ADMINS, which is empty", k.S).place(h.At)
				case pyeval.Maybe:
					return p.opaque(admins)
				}
			}
		}
		return right
	})
}

// used says whether a logger names the handler.
func (l logging) used(handler string) bool {
	for _, name := range append(l.named(), "") {
		logger, _ := l.logger(name)
		if slices.Contains(logger.Get("handlers").Strings(), handler) {
			return true
		}
	}
	return false
}

func checkPropagate(p *Project, r *report) {
	const name = "DEBUG_PROPAGATE_EXCEPTIONS"
	if v, own := p.get(name); own {
		r.weigh(p, name, v, func(v *pyeval.Value) verdict {
			switch v.Truth() {
			case pyeval.Yes:
				return wrong("%s is on", name)
			case pyeval.Maybe:
				return p.opaque(v)
			}
			return right
		})
	}
}

// checkSentry reads the calls of the settings: what sentry_sdk.init is given is
// no setting.
func checkSentry(p *Project, r *report) {
	found := false
	for _, file := range p.Result.Files {
		code, err := fs.ReadFile(p.FS, file)
		if err != nil || !strings.Contains(string(code), "sentry_sdk") {
			continue
		}
		found = true
		m, err := pysrc.Parse(code)
		if err != nil || !strings.Contains(string(code), "send_default_pii") {
			continue
		}
		scope := m.Scope()
		pysrc.Walk(m.Stmts, nil, func(n *pysrc.Node) {
			if n.Kind != pysrc.Call || !strings.HasSuffix(scope.Resolve(n.Kids[0]), "sentry_sdk.init") {
				return
			}
			for _, k := range n.Kids[1:] {
				if k.Kind != pysrc.KwArg || k.Name != "send_default_pii" {
					continue
				}
				if v, ok := m.Literal(k.Kids[0]); ok && v == true {
					src := &pyeval.Source{Path: file, Mod: m}
					r.fail(p, "", nil, "sentry_sdk.init is told to send personal data").at(pyeval.Place{Src: src, S: k.S, E: k.E})
				}
			}
		})
	}
	if !found {
		r.notApplicable("the settings don't set Sentry up")
	}
}
