package audit

import (
	"fmt"

	"github.com/djharden/djharden/internal/pyeval"
)

const corsDocs = "https://github.com/adamchainz/django-cors-headers#configuration"

var corsRules = []*Rule{
	{
		ID: "DH341", Name: "cors-open", Title: "pages of every origin may read the answers", Severity: High, Item: 5,
		Why: "Any page that a visitor opens can read what the API answers to that visitor's network, and test it for everybody.",
		Fix: `CORS_ALLOWED_ORIGINS = ["https://app.example.com"]`,
		CWE: []int{942}, ASVS: []string{"3.4.2"},
		Refs: []string{corsDocs},
		Bad:  "CORS_ALLOW_CREDENTIALS = False\nCORS_ALLOW_ALL_ORIGINS = True",
		Good: `CORS_ALLOW_ALL_ORIGINS = DEBUG`,
		check: func(p *Project, r *report) {
			if !p.cors(r) || p.isOn("CORS_ALLOW_CREDENTIALS") == pyeval.Yes && p.isOn(p.corsOpen()) == pyeval.Yes {
				return // DH342
			}
			r.ask(p, p.corsOpen(), whenOn(p.corsOpen()+" is on"))
		},
	},
	{
		ID: "DH342", Name: "cors-open-with-credentials", Title: "pages of every origin may act and read as the visitor", Severity: Critical, Item: 5,
		Why: "The origin of each request is sent back with credentials allowed: any page can call the API with the visitor's cookies and read the answers.",
		Fix: `CORS_ALLOW_ALL_ORIGINS = False`,
		CWE: []int{942, 346}, ASVS: []string{"3.4.2"},
		Refs: []string{corsDocs},
		Bad:  "CORS_ALLOW_CREDENTIALS = True\nCORS_ALLOW_ALL_ORIGINS = True",
		Good: "CORS_ALLOW_CREDENTIALS = True\nCORS_ALLOW_ALL_ORIGINS = False",
		check: func(p *Project, r *report) {
			open := p.corsOpen()
			if p.cors(r) && p.isOn(open) == pyeval.Yes && p.isOn("CORS_ALLOW_CREDENTIALS") == pyeval.Yes {
				v, _ := p.get(open)
				r.fail(p, open, v, open+" and CORS_ALLOW_CREDENTIALS are both on").fix(open + " = False")
			}
		},
	},
	{
		ID: "DH343", Name: "cors-regex-too-wide", Title: "an expression for CORS matches origins of strangers", Severity: High, Item: 5,
		Why: "The expression is matched from the beginning of the origin, and to its end only with a $; whoever registers a name that it matches reads the answers.",
		Fix: `CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://\w+\.example\.com$"]`,
		CWE: []int{942, 625, 777}, ASVS: []string{"3.4.2"},
		Refs:  []string{corsDocs},
		Bad:   `CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://.*example\.com$"]`,
		Good:  `CORS_ALLOWED_ORIGIN_REGEXES = [r"^https://.*\.example\.com$", r"^https://(www|app)\.example\.org(:\d+)?\Z"]`,
		check: checkCORSRegexes,
	},
	{
		ID: "DH344", Name: "cors-origin-untrusted", Title: "CORS trusts an origin that anyone can speak for", Severity: Medium, Item: 5,
		Why: "Over plain HTTP anyone on the way can put a page at that origin; null is what sandboxed frames and local files send.",
		Fix: `CORS_ALLOWED_ORIGINS = ["https://app.example.com"]`,
		CWE: []int{942, 319}, ASVS: []string{"3.4.2"},
		Refs: []string{corsDocs},
		Bad:  `CORS_ALLOWED_ORIGINS = ["http://app.example.com"]`,
		Good: `CORS_ALLOWED_ORIGINS = ["https://app.example.com", "http://localhost:3000"]`,
		check: func(p *Project, r *report) {
			if !p.cors(r) {
				return
			}
			name := p.corsOrigins()
			v, _ := p.get(name)
			r.eachItem(p, name, v, func(s string) string {
				switch {
				case s == "null" || s == "file://":
					return name + " holds " + quoted(s) + ", which every sandboxed frame or local file can send"
				case openOrigin(s):
					return s + " goes over plain HTTP"
				}
				return ""
			})
		},
	},
	{
		ID: "DH345", Name: "cors-origins-broken", Title: "an entry of CORS_ALLOWED_ORIGINS is no origin", Severity: Medium, Item: 5,
		Why:    "django-cors-headers' check stops `manage.py`, or the entry silently never matches, and what gets it going in a hurry is CORS_ALLOW_ALL_ORIGINS.",
		Fix:    `CORS_ALLOWED_ORIGINS = [o.strip() for o in os.environ.get("CORS_ALLOWED_ORIGINS", "").split(",") if o.strip()]`,
		Refs:   []string{corsDocs},
		Checks: []string{"corsheaders.E006", "corsheaders.E007", "corsheaders.E013", "corsheaders.E014"},
		Bad:    "import os\nCORS_ALLOWED_ORIGINS = os.environ.get(\"CORS_ORIGINS\", \"\").split(\",\")",
		Good:   "import os\nCORS_ALLOWED_ORIGINS = [o for o in os.environ.get(\"CORS_ORIGINS\", \"\").split(\",\") if o]",
		check: func(p *Project, r *report) {
			if !p.cors(r) {
				return
			}
			name := p.corsOrigins()
			v, own := p.get(name)
			if !own {
				return
			}
			if v.Kind == pyeval.Str || v.Kind == pyeval.None || v.Kind == pyeval.Set || v.Kind == pyeval.Dict {
				r.fail(p, name, v, name+" isn't a list: the check of django-cors-headers fails")
				return
			}
			r.eachItem(p, name, v, func(s string) string {
				if s == "*" {
					return `"*" is no origin, and doesn't mean all of them`
				}
				return deadOrigin(s)
			})
		},
	},
}

// cors reports whether django-cors-headers answers for the project.
func (p *Project) cors(r *report) bool {
	if p.middleware(corsMiddleware) == pyeval.No && p.ownMiddleware("CorsMiddleware") == "" {
		r.notApplicable("django-cors-headers isn't installed: no other origin may read anything")
		return false
	}
	return true
}

// corsOpen, corsOrigins and corsRegexes are the names the project uses: the
// old ones count where the new ones aren't set.
func (p *Project) corsOpen() string {
	return p.alias("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL")
}

func (p *Project) corsOrigins() string {
	return p.alias("CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST")
}

func (p *Project) corsRegexes() string {
	return p.alias("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST")
}

func (p *Project) alias(name, old string) string {
	if p.Result.Get(name) == nil && p.Result.Get(old) != nil {
		return old
	}
	return name
}

func checkCORSRegexes(p *Project, r *report) {
	if !p.cors(r) {
		return
	}
	name := p.corsRegexes()
	v, _ := p.get(name)
	if v == nil || v.Kind == pyeval.Choice {
		return
	}
	for _, item := range items(v) {
		m := newMatcher(patternOf(item))
		if m == nil || patternOf(item) == "" {
			continue
		}
		if origin, reason := m.stranger(); origin != "" {
			r.fail(p, name, v, fmt.Sprintf("%s matches %s: %s", patternOf(item), origin, reason)).at(ownPlace(item, v))
		}
	}
}
