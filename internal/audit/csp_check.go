package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// value is what a finding shows of a policy.
func (c policy) value(p *Project) *pyeval.Value {
	if c.whole != nil {
		return c.whole
	}
	v, _ := p.get(c.setting)
	return v
}

// named is the setting that holds a directive: of the old form each has its own.
func (c policy) named(directive string) string {
	if c.form == formOld {
		return "CSP_" + strings.ToUpper(strings.ReplaceAll(directive, "-", "_"))
	}
	return c.setting
}

func checkNoCSP(p *Project, r *report) {
	if len(p.policies()) > 0 {
		return // it may do nothing: that has rules of its own
	}
	v, _ := p.get("MIDDLEWARE")
	if m := p.ownMiddleware("Content-Security-Policy"); m != "" {
		r.unknown(p, "MIDDLEWARE", v, m+" sends a policy of its own, which isn't read")
		return
	}
	for name, text := range p.serverFiles() {
		if strings.Contains(text, "Content-Security-Policy") {
			r.unknown(p, "", nil, name+" has the server send a policy, which isn't read")
			return
		}
	}
	r.fail(p, "MIDDLEWARE", v, "neither Django's CSP nor django-csp is set up")
}

// checkIdleCSP reports policies whose middleware isn't there; one of the wrong
// version, or beside one that works, isn't meant.
func checkIdleCSP(p *Project, r *report) {
	if len(p.active()) > 0 {
		return
	}
	for _, c := range p.policies() {
		middleware := djangoCSP
		if c.form == formBuiltin {
			middleware = builtinCSP
			if p.Series != "" && seriesLess(p.Series, "6.0") {
				continue
			}
		}
		switch lacking, reason := p.lacks(middleware); lacking {
		case pyeval.Yes:
			r.fail(p, c.setting, c.value(p), c.setting+" does nothing: MIDDLEWARE is without "+middleware).fix(fmt.Sprintf("MIDDLEWARE.insert(1, %q)", middleware))
			return
		case pyeval.Maybe:
			r.unknown(p, c.setting, c.value(p), reason)
			return
		}
	}
}

// trusting reports whether a source makes browsers ignore 'unsafe-inline'.
func trusting(s source) bool {
	return strings.HasPrefix(s.text, "'nonce-") || strings.HasPrefix(s.text, "'sha256-") || strings.HasPrefix(s.text, "'sha384-") || strings.HasPrefix(s.text, "'sha512-") || s.text == "'strict-dynamic'"
}

func checkScripts(p *Project, r *report) {
	for _, c := range p.active() {
		for _, names := range [][]string{{"script-src", "default-src"}, {"script-src-elem"}, {"script-src-attr"}} {
			name, list, _ := c.directive(names...)
			strict := slices.ContainsFunc(list, trusting)
			dynamic := slices.Contains(words(list), "'strict-dynamic'")
			for _, s := range list {
				open := anywhere(s) && !dynamic || s.text == "'unsafe-eval'" || s.text == "'unsafe-inline'" && !strict || s.text == "filesystem:"
				if open {
					setting := c.named(name)
					v, _ := p.get(setting)
					r.fail(p, setting, v, fmt.Sprintf("%s of %s has %s", name, setting, s.text)).at(s.at)
					break
				}
			}
		}
	}
}

// checkDefault reports policies of Django's own without a word on scripts; a
// directive that holds nothing but the nonce is left out of the header when no
// template used it. django-csp adds default-src itself.
func checkDefault(p *Project, r *report) {
	for _, c := range p.active() {
		if c.form != formBuiltin || c.directives == nil || c.directives.Open {
			continue
		}
		script, list, all := c.directive("script-src")
		fallback, _, _ := c.directive("default-src")
		onlyNonce := all && len(list) == 1 && list[0].text == nonceSource
		switch {
		case fallback != "" || script != "" && !onlyNonce:
		case onlyNonce:
			r.fail(p, c.setting, c.whole, "script-src holds nothing but the nonce: on pages that don't use it the directive is gone, and there is no default-src")
		default:
			r.fail(p, c.setting, c.whole, c.setting+" has neither script-src nor default-src")
		}
	}
}

func checkNonce(p *Project, r *report) {
	templates, _ := p.get("TEMPLATES")
	for _, c := range p.policies() {
		if p.works(c) != pyeval.Yes || c.directives == nil || !hasNonce(c.directives) {
			continue
		}
		processors := []string{builtinProcessor}
		if c.form != formBuiltin {
			processors = []string{"csp.context_processors.nonce", "django.template.context_processors.request"}
		}
		switch p.hasProcessor(templates, processors) {
		case pyeval.No:
			r.fail(p, "TEMPLATES", templates, c.setting+" has a nonce, and TEMPLATES is without "+processors[0])
			return
		case pyeval.Maybe:
			r.unknown(p, "TEMPLATES", templates, "the context processors can't be read")
			return
		}
	}
}

func hasNonce(directives *pyeval.Value) bool {
	for _, v := range directives.Items {
		if list, _ := sources(v); slices.Contains(words(list), nonceSource) {
			return true
		}
	}
	return false
}

// hasProcessor says whether a template engine has one of the processors. Jinja
// templates, and a project without any, are none of its business.
func (p *Project) hasProcessor(templates *pyeval.Value, names []string) pyeval.Truth {
	if !templates.IsList() || templates.Open {
		return pyeval.Maybe
	}
	out := pyeval.Maybe
	for _, engine := range templates.Items {
		list, there := engine.Lookup("OPTIONS", "context_processors")
		if there == pyeval.Maybe {
			return pyeval.Maybe
		}
		if !engine.Get("BACKEND").IsStr("django.template.backends.django.DjangoTemplates") {
			continue
		}
		out = pyeval.No
		for _, name := range names {
			if there == pyeval.Yes && list.Has(name) != pyeval.No {
				return list.Has(name)
			}
		}
	}
	return out
}

// knownDirectives are those of CSP level 3 and its companions, and what older
// browsers knew.
var knownDirectives = append(lowerDashed(oldDirectives), "fenced-frame-src", "webrtc", "sandbox", "reflected-xss", "referrer", "require-trusted-types-for")

func lowerDashed(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, strings.ToLower(strings.ReplaceAll(name, "_", "-")))
	}
	return out
}

// unquotedWords mean a host of that name without their quotes.
var unquotedWords = []string{"self", "none", "unsafe-inline", "unsafe-eval", "strict-dynamic", "unsafe-hashes", "report-sample", "wasm-unsafe-eval"}

func checkMalformed(p *Project, r *report) {
	for _, c := range p.policies() {
		if p.works(c) == pyeval.No {
			continue
		}
		if c.directives == nil {
			checkShape(p, r, c)
			continue
		}
		for i, k := range c.directives.Keys {
			if k.Kind != pyeval.Str {
				continue
			}
			if !slices.Contains(knownDirectives, k.S) {
				r.fail(p, c.setting, c.value(p), fmt.Sprintf("there is no directive %q", k.S)).at(k.At)
				continue
			}
			list, _ := sources(c.directives.Items[i])
			for _, s := range list {
				if slices.Contains(unquotedWords, s.text) && k.S != "sandbox" && k.S != "report-to" {
					r.fail(p, c.setting, c.value(p), fmt.Sprintf("%s of %s has %s without the quotes that belong to it: \"'%s'\"", k.S, c.setting, s.text, s.text)).at(s.at)
				}
			}
		}
	}
}

// checkShape reports a policy that isn't a dict, or one of django-csp that has
// no DIRECTIVES.
func checkShape(p *Project, r *report, c policy) {
	switch v := c.whole; {
	case v == nil || v.Kind == pyeval.Unknown || v.Kind == pyeval.Choice || v.Open:
	case v.Kind != pyeval.Dict:
		r.fail(p, c.setting, v, c.setting+" isn't a dict")
	case c.form == formNew && v.Get("DIRECTIVES") == nil:
		r.fail(p, c.setting, v, c.setting+` has no "DIRECTIVES", so the policy is django-csp's default and nothing of this`)
	}
}
