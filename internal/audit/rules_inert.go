package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// inertRules are about lines that do nothing, or not what they say.
var inertRules = slices.Concat(nameRules, shapeRules)

const releases = docs + "releases/"

var nameRules = []*Rule{
	{
		ID: "DH601", Name: "setting-removed", Title: "a setting that this Django no longer reads", Severity: Low,
		Why:    "Nothing warns: the line looks like protection and is none.",
		Fix:    `# delete the line`,
		CWE:    []int{1164},
		Refs:   []string{docs + "internals/deprecation/", releases},
		Checks: []string{"corsheaders.E012"},
		Bad:    `SECURE_BROWSER_XSS_FILTER = True`,
		Good:   "USE_L10N = True\n-- requirements.txt --\nDjango==4.2.30\ndjango-csp==4.0\n",
		check:  checkRemoved,
	},
	{
		ID: "DH602", Name: "storage-setting-removed", Title: "files aren't stored as the settings say", Severity: Medium, Item: 11,
		Why:  "Since Django 5.1 only STORAGES counts: static files silently lose their hashed names, uploads go to the local disk. Beside STORAGES, 4.2 doesn't start.",
		Fix:  `STORAGES = {"default": {"BACKEND": "..."}, "staticfiles": {"BACKEND": "..."}}`,
		CWE:  []int{1164},
		Refs: []string{releases + "5.1/#features-removed-in-5-1", settings + "storages"},
		Bad:  `STATICFILES_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"`,
		Good: "del STORAGES\nSTATICFILES_STORAGE = \"whitenoise.storage.CompressedManifestStaticFilesStorage\"\n-- requirements.txt --\nDjango==4.2.30\ndjango-csp==4.0\n",
		check: func(p *Project, r *report) {
			for _, name := range []string{"STATICFILES_STORAGE", "DEFAULT_FILE_STORAGE"} {
				s := p.Result.Get(name)
				switch {
				case s == nil || p.Series == "":
				case !seriesLess(p.Series, "5.1"):
					r.fail(p, name, s.Value, "Django "+p.Series+" doesn't read "+name+", only STORAGES")
				case p.Result.Get("STORAGES") != nil && !seriesLess(p.Series, "4.2"):
					r.fail(p, name, s.Value, name+" and STORAGES are both set: Django doesn't start")
				}
			}
		},
	},
	{
		ID: "DH603", Name: "setting-misspelt", Title: "a setting that nothing reads, by a name near a real one", Severity: Medium,
		Why:  "Nothing warns of a name that doesn't exist: the default stays, and the line looks like protection.",
		Fix:  `# the name that the message gives`,
		CWE:  []int{1164},
		Refs: []string{docs + "ref/settings/"},
		Bad:  `SECURE_HSTS_SECOND = 31536000`,
		Good: "ALLOWED_HOST = \"example.com\"\nALLOWED_HOSTS = [ALLOWED_HOST]\nASGI_APPLICATION = \"config.asgi.application\"",
		check: func(p *Project, r *report) {
			meant := p.unknownNames()
			for _, name := range p.Result.Order {
				if real := meant[name]; real != "" {
					s := p.Result.Settings[name]
					r.fail(p, name, s.Value, fmt.Sprintf("nothing reads %s; %s is the setting", name, real)).
						at(s.Changes[0].Place).fix("# " + name + " -> " + real)
				}
			}
		},
	},
	{
		ID: "DH604", Name: "setting-unwired", Title: "settings of a package that isn't at work", Severity: Low,
		Why:   "They do nothing until the package's middleware or app is installed.",
		Fix:   `# install what the message names, or delete the settings`,
		CWE:   []int{1164},
		Refs:  []string{docs + "topics/http/middleware/"},
		Bad:   `MIDDLEWARE.remove("corsheaders.middleware.CorsMiddleware")`,
		Good:  "import random\nPERMISSIONS = {\"camera\": []}\nCORS_URLS_REGEX = r\"^/api/\"",
		check: checkUnwired,
	},
	{
		ID: "DH605", Name: "setting-too-new", Title: "a setting that this Django doesn't read yet", Severity: Low,
		Why:  "Nothing warns: what it is meant to change stays at its default.",
		Fix:  `# upgrade Django, or delete the line`,
		CWE:  []int{1164},
		Refs: []string{docs + "ref/settings/", releases},
		Bad:  `TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}`,
		Good: "TASKS = {\"default\": {\"BACKEND\": \"django.tasks.backends.dummy.DummyBackend\"}}\n-- requirements.txt --\nDjango==6.0.10\ndjango-csp==4.0\n",
		check: func(p *Project, r *report) {
			for _, name := range p.Result.Order {
				if p.Series == "" || strings.HasPrefix(name, "SECURE_CSP") || !KnownToDjango(name) || readBy(p.Series, name) || !comesAfter(p.Series, name) {
					continue
				}
				r.fail(p, name, p.Result.Settings[name].Value, "Django "+p.Series+" doesn't know "+name)
			}
		},
	},
}

// comesAfter reports whether Django reads a setting only after a series.
func comesAfter(series, name string) bool {
	for _, s := range djangoSettings {
		if s.name == name && (s.from == "" || !seriesLess(series, s.from)) {
			return false
		}
	}
	return true
}

// removedSetting says when a setting went, and what to do instead.
type removedSetting struct{ since, instead string }

var removedSettings = map[string]removedSetting{
	"SECURE_BROWSER_XSS_FILTER":   {"4.0", "browsers have dropped the filter too; a Content-Security-Policy does its work"},
	"USE_L10N":                    {"5.0", "formats are always localized"},
	"USE_DEPRECATED_PYTZ":         {"5.0", "time zones are zoneinfo's"},
	"CSRF_COOKIE_MASKED":          {"5.0", "it was for the upgrade to 4.1"},
	"FORMS_URLFIELD_ASSUME_HTTPS": {"6.0", "https is what URL fields assume"},
	"PASSWORD_RESET_TIMEOUT_DAYS": {"4.0", "PASSWORD_RESET_TIMEOUT counts in seconds"},
	"DEFAULT_HASHING_ALGORITHM":   {"4.0", "it was for the upgrade to 3.1"},
	"DEFAULT_CONTENT_TYPE":        {"3.0", "responses are text/html"},
	"FILE_CHARSET":                {"3.1", "files are UTF-8"},
	"USE_ETAGS":                   {"2.1", "ConditionalGetMiddleware does it"},
	"MIDDLEWARE_CLASSES":          {"2.0", "MIDDLEWARE"},
	"TEMPLATE_DIRS":               {"1.10", "TEMPLATES"},
	"TEMPLATE_LOADERS":            {"1.10", "TEMPLATES"},
	"TEMPLATE_CONTEXT_PROCESSORS": {"1.10", "TEMPLATES"},
	"TEMPLATE_DEBUG":              {"1.10", "TEMPLATES"},
	"TEMPLATE_STRING_IF_INVALID":  {"1.10", "TEMPLATES"},
	"ALLOWED_INCLUDE_ROOTS":       {"1.10", "TEMPLATES"},
	"AUTH_PROFILE_MODULE":         {"1.7", "AUTH_USER_MODEL"},
	"SEND_BROKEN_LINK_EMAILS":     {"1.8", "BrokenLinkEmailsMiddleware does it"},
	"ADMIN_MEDIA_PREFIX":          {"1.6", "STATIC_URL"},
	"FEATURE_POLICY":              {"", "django-permissions-policy reads PERMISSIONS_POLICY"},
	"CORS_MODEL":                  {"", "django-cors-headers 4 has no such setting"},
	"CORS_REPLACE_HTTPS_REFERER":  {"", "django-cors-headers has no such setting; CSRF_TRUSTED_ORIGINS does its work"},
}

func checkRemoved(p *Project, r *report) {
	var names []string
	for _, name := range p.Result.Order {
		gone, ok := removedSettings[name]
		if !ok || p.Series != "" && gone.since != "" && seriesLess(p.Series, gone.since) || p.Series == "" && !seriesLess(gone.since, "4.2") {
			continue
		}
		names = append(names, name)
	}
	for _, name := range p.unreadHere(names) {
		gone := removedSettings[name]
		who := "nothing reads " + name
		if gone.since != "" {
			who = "Django has no " + name + " since " + gone.since
		}
		r.fail(p, name, p.Result.Settings[name].Value, who+": "+gone.instead)
	}
}

// wiring says which middleware the settings of a package need: names, or what
// they begin with.
var wiring = []struct{ name, middleware string }{
	{"CORS_", corsMiddleware},
	{"PERMISSIONS_POLICY", permissionsMiddleware},
	{"PERMISSIONS_POLICY_REPORT_ONLY", permissionsMiddleware},
	{"WHITENOISE_", whitenoise},
}

func checkUnwired(p *Project, r *report) {
	for _, w := range wiring {
		if lacking, _ := p.lacks(w.middleware); lacking != pyeval.Yes {
			continue
		}
		var names []string
		for _, name := range p.Result.Order {
			belongs := name == w.name || strings.HasSuffix(w.name, "_") && strings.HasPrefix(name, w.name)
			if belongs && p.meant(name) == "" && removedSettings[name].instead == "" {
				names = append(names, name)
			}
		}
		if names = p.unread(names); len(names) > 0 {
			v, _ := p.get(names[0])
			r.fail(p, names[0], v, fmt.Sprintf("MIDDLEWARE is without %s: %s nothing", w.middleware, doNothing(names)))
		}
	}
}

func doNothing(names []string) string {
	if len(names) == 1 {
		return names[0] + " does"
	}
	return strings.Join(names, ", ") + " do"
}
