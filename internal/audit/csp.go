package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	builtinCSP       = "django.middleware.csp.ContentSecurityPolicyMiddleware"
	djangoCSP        = "csp.middleware.CSPMiddleware"
	builtinProcessor = "django.template.context_processors.csp"
)

// policy is one Content-Security-Policy of the settings, in any of the three
// forms: Django's (6.0), django-csp's since 4.0, and that before.
type policy struct {
	setting    string
	whole      *pyeval.Value // of the setting; of the old form nil
	directives *pyeval.Value // a dict by directive; nil where it can't be told
	form       policyForm
	reportOnly bool
}

type policyForm uint8

const (
	formBuiltin policyForm = iota // SECURE_CSP
	formNew                       // CONTENT_SECURITY_POLICY
	formOld                       // CSP_DEFAULT_SRC and its like
)

// policies are those that the settings write down, whether they do anything or
// not. An empty one is none.
func (p *Project) policies() []policy {
	var out []policy
	for _, s := range []struct {
		name       string
		form       policyForm
		reportOnly bool
	}{
		{"SECURE_CSP", formBuiltin, false},
		{"SECURE_CSP_REPORT_ONLY", formBuiltin, true},
		{"CONTENT_SECURITY_POLICY", formNew, false},
		{"CONTENT_SECURITY_POLICY_REPORT_ONLY", formNew, true},
	} {
		set := p.Result.Get(s.name)
		if set == nil || set.Value.Truth() == pyeval.No {
			continue
		}
		out = append(out, policy{s.name, set.Value, directivesOf(s.form, set.Value), s.form, s.reportOnly})
	}
	if old := p.oldPolicy(); old != nil {
		out = append(out, *old)
	}
	return out
}

func directivesOf(form policyForm, v *pyeval.Value) *pyeval.Value {
	if form == formNew {
		v = v.Get("DIRECTIVES")
	}
	if v == nil || v.Kind != pyeval.Dict {
		return nil
	}
	return v
}

// oldDirectives are the settings of django-csp below 4.0, without their prefix.
var oldDirectives = []string{"CHILD_SRC", "CONNECT_SRC", "DEFAULT_SRC", "SCRIPT_SRC", "SCRIPT_SRC_ATTR", "SCRIPT_SRC_ELEM", "OBJECT_SRC", "STYLE_SRC", "STYLE_SRC_ATTR", "STYLE_SRC_ELEM", "FONT_SRC", "FRAME_SRC", "IMG_SRC", "MANIFEST_SRC", "MEDIA_SRC", "PREFETCH_SRC", "WORKER_SRC", "BASE_URI", "PLUGIN_TYPES", "SANDBOX", "FORM_ACTION", "FRAME_ANCESTORS", "NAVIGATE_TO", "REQUIRE_SRI_FOR", "REQUIRE_TRUSTED_TYPES_FOR", "TRUSTED_TYPES", "UPGRADE_INSECURE_REQUESTS", "BLOCK_ALL_MIXED_CONTENT", "REPORT_URI", "REPORT_TO"}

// oldPolicy gathers the settings of the old form into a dict, as django-csp 3
// does: default-src is 'self' when it isn't set.
func (p *Project) oldPolicy() *policy {
	d := &pyeval.Value{Kind: pyeval.Dict}
	first := ""
	for _, name := range oldDirectives {
		s := p.Result.Get("CSP_" + name)
		if s == nil {
			continue
		}
		if first == "" || p.order("CSP_"+name) < p.order(first) {
			first = "CSP_" + name
		}
		if s.Value.Kind == pyeval.None {
			continue
		}
		d.Keys = append(d.Keys, pythonValue(strings.ToLower(strings.ReplaceAll(name, "_", "-"))))
		d.Items = append(d.Items, s.Value)
	}
	if first == "" {
		return nil
	}
	if d.Get("default-src") == nil {
		d.Keys, d.Items = append(d.Keys, pythonValue("default-src")), append(d.Items, pythonValue(list{"'self'"}))
	}
	return &policy{setting: first, directives: d, form: formOld, reportOnly: p.isOn("CSP_REPORT_ONLY") == pyeval.Yes}
}

func (p *Project) order(name string) int { return slices.Index(p.Result.Order, name) }

// works says whether browsers see the policy: its middleware is there, and the
// versions read its form.
func (p *Project) works(c policy) pyeval.Truth {
	middleware, subclass := djangoCSP, "CSPMiddleware"
	if c.form == formBuiltin {
		middleware, subclass = builtinCSP, "ContentSecurityPolicyMiddleware"
	}
	has := p.middleware(middleware)
	if has == pyeval.No && p.ownMiddleware(subclass) != "" {
		has = pyeval.Maybe
	}
	if has == pyeval.No {
		return pyeval.No
	}
	reads := pyeval.Yes
	switch major := p.cspMajor(); {
	case c.form == formBuiltin && p.Series == "":
		reads = pyeval.Maybe
	case c.form == formBuiltin && seriesLess(p.Series, "6.0"):
		reads = pyeval.No
	case c.form == formNew && major == 3, c.form == formOld && major == 4:
		reads = pyeval.No
	case c.form == formOld && major == 0:
		reads = pyeval.Maybe
	}
	if reads == pyeval.Yes {
		return has
	}
	return reads
}

var exactMajor = lazy(`(?:^|,)\s*(?:==|~=|===)\s*(\d+)|(?:^|,)\s*<\s*(4)(?:\.0)*\b`)

// cspMajor is 4 or 3, by what the dependencies ask for; an open specifier gets
// the newest, and 0 is unknown.
func (p *Project) cspMajor() int {
	spec, ok := p.Deps["django-csp"]
	if !ok {
		return 0
	}
	m := exactMajor().FindStringSubmatch(spec)
	if m != nil && (m[2] != "" || m[1] < "4" && len(m[1]) == 1) {
		return 3
	}
	return 4
}

// active are the policies that browsers enforce, as far as can be told.
func (p *Project) active() []policy {
	var out []policy
	for _, c := range p.policies() {
		if !c.reportOnly && p.works(c) != pyeval.No {
			out = append(out, c)
		}
	}
	return out
}

// cspConstants are what the packages call the words, by the last part of
// their names.
var cspConstants = map[string]string{
	"NONE": "'none'", "SELF": "'self'", "STRICT_DYNAMIC": "'strict-dynamic'", "UNSAFE_INLINE": "'unsafe-inline'",
	"UNSAFE_EVAL": "'unsafe-eval'", "UNSAFE_HASHES": "'unsafe-hashes'", "WASM_UNSAFE_EVAL": "'wasm-unsafe-eval'",
	"REPORT_SAMPLE": "'report-sample'", "NONCE": nonceSource, "UNSAFE_ALLOW_REDIRECTS": "'unsafe-allow-redirects'",
}

const nonceSource = "'nonce-'"

// source is one source of a directive.
type source struct {
	text string
	at   pyeval.Place
}

// sources are those of a directive, and whether these are all.
func sources(v *pyeval.Value) (out []source, all bool) {
	if v == nil {
		return nil, true
	}
	values := []*pyeval.Value{v}
	all = true
	if v.IsList() {
		values, all = v.Items, !v.Open
	}
	for _, x := range values {
		text, ok := sourceText(x)
		if !ok {
			all = false
			continue
		}
		for word := range strings.FieldsSeq(text) {
			out = append(out, source{word, x.At})
		}
	}
	return out, all
}

func sourceText(x *pyeval.Value) (string, bool) {
	switch x.Kind {
	case pyeval.Str:
		if strings.Contains(x.S, "CSP_NONCE_SENTINEL") {
			return nonceSource, true
		}
		return x.S, true
	case pyeval.None, pyeval.Bool:
		return "", true
	case pyeval.Object:
		if n, ok := x.Ref.(*pyeval.Native); ok {
			text, ok := cspConstants[short(n.Name)]
			return text, ok
		}
	case pyeval.Unknown:
		text, ok := cspConstants[short(x.At.Text())]
		return text, ok
	}
	return "", false
}

// words are the texts of sources.
func words(list []source) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.text)
	}
	return out
}

// directive finds the sources of the first of several directives that the
// policy has: each falls back to the next.
func (c policy) directive(names ...string) (name string, list []source, all bool) {
	for _, name := range names {
		if v := c.directives.Get(name); v != nil && v.Kind != pyeval.None && !(v.Kind == pyeval.Bool && !v.B) {
			list, all := sources(v)
			return name, list, all
		}
	}
	return "", nil, c.directives != nil && !c.directives.Open
}

// framesRestricted reports whether an enforced policy says who may frame.
func (p *Project) framesRestricted() bool {
	for _, c := range p.active() {
		name, list, _ := c.directive("frame-ancestors")
		if name != "" && p.works(c) == pyeval.Yes && !slices.ContainsFunc(list, anywhere) {
			return true
		}
	}
	return false
}

// anywhere reports whether a source is everybody's: a star or a bare scheme.
func anywhere(s source) bool {
	switch s.text {
	case "*", "http:", "https:", "data:", "blob:", "http://*", "https://*", "*:*":
		return true
	}
	return false
}
