package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	restDocs     = "https://www.django-rest-framework.org/api-guide/"
	restThrottle = restDocs + "throttling/"
	rest         = "REST_FRAMEWORK"
)

// apiRules are about the REST framework API.
var apiRules = slices.Concat(restRules, throttleRules)

var restRules = []*Rule{
	{
		ID: "DH401", Name: "api-open", Severity: High,
		Title: "the API lets anybody in by default",
		Why:   "REST framework's default permission is AllowAny: a view that forgets permission_classes is public, for reading and for writing. With IsAuthenticated as the default, forgetting fails closed.",
		Fix:   `REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] = ["rest_framework.permissions.IsAuthenticated"]`,
		CWE:   []int{862, 1188},
		ASVS:  []string{"8.2.1"},
		Refs:  []string{restDocs + "permissions/#setting-the-permission-policy"},
		Bad:   `REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] = ["rest_framework.permissions.AllowAny"]`,
		Good:  `REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] = ("rest_framework.permissions.IsAuthenticatedOrReadOnly",)`,
		check: checkAPIOpen,
	},
	{
		ID: "DH402", Name: "api-basic-auth", Severity: Medium,
		Title: "every API view takes a password with each request",
		Why:   "BasicAuthentication, which is on when no authentication classes are named, sends the password with every request and lets it be guessed at every endpoint, whatever limits the login has.",
		Fix:   `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = ["rest_framework_simplejwt.authentication.JWTAuthentication"]`,
		CWE:   []int{522},
		ASVS:  []string{"6.3.4", "7.2.2"},
		Refs:  []string{restDocs + "authentication/#basicauthentication"},
		Bad: `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [
    "rest_framework_simplejwt.authentication.JWTAuthentication",
    "rest_framework.authentication.BasicAuthentication",
]`,
		Good: `REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"] = [
    "rest_framework_simplejwt.authentication.JWTAuthentication",
    "rest_framework.authentication.SessionAuthentication",
]`,
		check: checkBasicAuth,
	},
	{
		ID: "DH403", Name: "api-browsable", Severity: Low,
		Title: "production serves the browsable API",
		Why:   "The browsable API shows every field, filter and form of every endpoint to whoever opens it in a browser, and its pages need inline styles that a strict content security policy blocks.",
		Fix:   `REST_FRAMEWORK["DEFAULT_RENDERER_CLASSES"] = ["rest_framework.renderers.JSONRenderer"]`,
		ASVS:  []string{"13.4.5", "15.2.3"},
		Refs:  []string{restDocs + "renderers/#browsableapirenderer"},
		Bad: `REST_FRAMEWORK["DEFAULT_RENDERER_CLASSES"] = [
    "rest_framework.renderers.JSONRenderer",
    "rest_framework.renderers.BrowsableAPIRenderer",
]`,
		Good:  `REST_FRAMEWORK["DEFAULT_RENDERER_CLASSES"] = ("rest_framework.renderers.JSONRenderer",)`,
		check: checkBrowsable,
	},
	{
		ID: "DH404", Name: "rest-unknown-key", Severity: Low,
		Title: "REST_FRAMEWORK has a key that REST framework doesn't know",
		Why:   "REST framework ignores keys it doesn't know without a word, so what a misspelt one was to switch on stays at its default.",
		Fix:   "write the key as REST framework's documentation spells it",
		CWE:   []int{1188},
		Refs:  []string{restDocs + "settings/"},
		Bad:   `REST_FRAMEWORK["DEFAULT_RENDERER_CLASS"] = ["rest_framework.renderers.JSONRenderer"]`,
		Good:  `REST_FRAMEWORK["JSON_UNDERSCOREIZE"] = {"no_underscore_before_number": True}  # of another package`,
		check: checkRestKeys,
	},
}

// rest says whether there is a REST framework API.
func (p *Project) rest() pyeval.Truth {
	if _, own := p.get(rest); own {
		return pyeval.Yes
	}
	t := p.has("rest_framework")
	if t == pyeval.Maybe && p.Deps != nil {
		if _, listed := p.Deps["djangorestframework"]; !listed {
			return pyeval.No
		}
	}
	return t
}

// restDefaults are REST framework's own values of the keys that rules read.
var restDefaults = map[string]*pyeval.Value{
	"DEFAULT_PERMISSION_CLASSES":     pythonValue(list{"rest_framework.permissions.AllowAny"}),
	"DEFAULT_AUTHENTICATION_CLASSES": pythonValue(list{"rest_framework.authentication.SessionAuthentication", "rest_framework.authentication.BasicAuthentication"}),
	"DEFAULT_RENDERER_CLASSES":       pythonValue(list{"rest_framework.renderers.JSONRenderer", "rest_framework.renderers.BrowsableAPIRenderer"}),
	"DEFAULT_THROTTLE_CLASSES":       pythonValue(list{}),
	"DEFAULT_THROTTLE_RATES":         pythonValue(dict{{"user", nil}, {"anon", nil}}),
	"NUM_PROXIES":                    pythonValue(nil),
}

// api is a key of REST_FRAMEWORK, with REST framework's default.
func (p *Project) api(key string) (v *pyeval.Value, own pyeval.Truth) {
	return p.option(rest, key, restDefaults[key])
}

func sub(setting, key string) string { return setting + `["` + key + `"]` }

func checkAPIOpen(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") {
		return
	}
	const key = "DEFAULT_PERMISSION_CLASSES"
	v, own := p.api(key)
	r.weigh(p, sub(rest, key), v, func(v *pyeval.Value) verdict {
		list, whole := paths(v)
		closed := slices.ContainsFunc(list, func(s string) bool { return s != "rest_framework.permissions.AllowAny" })
		switch {
		case closed: // all classes have to agree
			return right
		case !whole:
			return p.opaque(v)
		case own == pyeval.No:
			return wrong("no default permission is set, and REST framework's is AllowAny: a view without permission_classes is public")
		case len(list) == 0:
			return wrong("the list of default permissions is empty: a view without permission_classes is public")
		}
		return wrong("the default permission is AllowAny: a view without permission_classes is public")
	})
}

func checkBasicAuth(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") {
		return
	}
	const key = "DEFAULT_AUTHENTICATION_CLASSES"
	v, own := p.api(key)
	r.weigh(p, sub(rest, key), v, func(v *pyeval.Value) verdict {
		list, whole := paths(v)
		switch {
		case slices.Contains(list, "rest_framework.authentication.BasicAuthentication") && own == pyeval.No:
			return wrong("no authentication classes are named, and REST framework's own include BasicAuthentication")
		case slices.Contains(list, "rest_framework.authentication.BasicAuthentication"):
			return wrong("BasicAuthentication takes a password with every request to every view")
		case !whole:
			return p.opaque(v)
		}
		return right
	})
}

// checkBrowsable judges only a renderer that is written out: a project that
// says nothing about renderers hasn't decided to publish a browser.
func checkBrowsable(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") {
		return
	}
	const key = "DEFAULT_RENDERER_CLASSES"
	v, own := p.api(key)
	if own == pyeval.No {
		return
	}
	r.weigh(p, sub(rest, key), v, func(v *pyeval.Value) verdict {
		list, whole := paths(v)
		switch {
		case slices.Contains(list, "rest_framework.renderers.BrowsableAPIRenderer"):
			return wrong("BrowsableAPIRenderer is on in production")
		case !whole:
			return p.opaque(v)
		}
		return right
	})
}

// restKeys are the keys of REST framework 3.17 and 3.18.
var restKeys = strings.Fields(`
	DEFAULT_RENDERER_CLASSES DEFAULT_PARSER_CLASSES DEFAULT_AUTHENTICATION_CLASSES DEFAULT_PERMISSION_CLASSES
	DEFAULT_THROTTLE_CLASSES DEFAULT_CONTENT_NEGOTIATION_CLASS DEFAULT_METADATA_CLASS DEFAULT_VERSIONING_CLASS
	DEFAULT_PAGINATION_CLASS DEFAULT_FILTER_BACKENDS DEFAULT_SCHEMA_CLASS DEFAULT_THROTTLE_RATES NUM_PROXIES PAGE_SIZE
	SEARCH_PARAM ORDERING_PARAM DEFAULT_VERSION ALLOWED_VERSIONS VERSION_PARAM UNAUTHENTICATED_USER UNAUTHENTICATED_TOKEN
	VIEW_NAME_FUNCTION VIEW_DESCRIPTION_FUNCTION EXCEPTION_HANDLER NON_FIELD_ERRORS_KEY LIST_SERIALIZER_ERRORS_AS_DICT
	TEST_REQUEST_RENDERER_CLASSES TEST_REQUEST_DEFAULT_FORMAT URL_FORMAT_OVERRIDE FORMAT_SUFFIX_KWARG URL_FIELD_NAME
	DATE_FORMAT DATE_INPUT_FORMATS DATETIME_FORMAT DATETIME_INPUT_FORMATS TIME_FORMAT TIME_INPUT_FORMATS DURATION_FORMAT
	UNICODE_JSON COMPACT_JSON STRICT_JSON COERCE_DECIMAL_TO_STRING COERCE_BIGINT_TO_STRING UPLOADED_FILES_USE_URL
	HTML_SELECT_CUTOFF HTML_SELECT_CUTOFF_TEXT SCHEMA_COERCE_PATH_PK SCHEMA_COERCE_METHOD_NAMES`)

// restRemoved are keys that REST framework refuses to start with.
var restRemoved = []string{"PAGINATE_BY", "PAGINATE_BY_PARAM", "MAX_PAGINATE_BY"}

func checkRestKeys(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") {
		return
	}
	v, own := p.get(rest)
	if !own {
		return
	}
	r.strayKeys(p, rest, "REST framework", v, restKeys, restRemoved)
}

// strayKeys reports the keys of a dict setting that its package doesn't know
// and that look like one it does. Other keys may be another package's.
func (r *report) strayKeys(p *Project, setting, reader string, v *pyeval.Value, known, removed []string) {
	r.weigh(p, setting, v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Dict && v.Kind != pyeval.None {
			return p.opaque(v)
		}
		for _, k := range v.Keys {
			if k.Kind != pyeval.Str || slices.Contains(known, k.S) {
				continue
			}
			if slices.Contains(removed, k.S) {
				return wrong("%s was removed: %s raises RuntimeError when it reads it", k.S, reader).place(k.At)
			}
			if like := resembles(k.S, known); like != "" {
				return wrong("%s ignores %s: it reads %s", reader, k.S, like).place(k.At).fixed(sub(setting, like) + " = ...")
			}
		}
		return right
	})
}
