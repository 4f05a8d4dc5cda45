package audit

import (
	"fmt"
	"slices"

	"github.com/djharden/djharden/internal/pyeval"
)

const (
	cspDocs      = docs + "ref/csp/"
	cspMigration = "https://django-csp.readthedocs.io/en/latest/migration-guide.html"
	cspFix       = `CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": [NONE], "script-src": [SELF, NONCE], "style-src": [SELF], "img-src": [SELF], "connect-src": [SELF], "form-action": [SELF], "base-uri": [NONE], "frame-ancestors": [NONE]}}  # from Django 6.0 on SECURE_CSP, without "DIRECTIVES"`
	noOldCSP     = "MIDDLEWARE.remove(\"csp.middleware.CSPMiddleware\")\ndel CONTENT_SECURITY_POLICY\n"
)

var cspRules = []*Rule{
	{
		ID: "DH321", Name: "no-csp", Title: "there is no Content-Security-Policy", Severity: Medium, Item: 7,
		Why: "With a policy an injected script doesn't run; without one a single missed escape is the whole account.",
		Fix: cspFix,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:  []string{cspDocs, "https://django-csp.readthedocs.io/"},
		Bad:   "MIDDLEWARE.remove(\"csp.middleware.CSPMiddleware\")\ndel CONTENT_SECURITY_POLICY",
		Good:  noOldCSP + "MIDDLEWARE.insert(1, \"django.middleware.csp.ContentSecurityPolicyMiddleware\")\nSECURE_CSP = {\"default-src\": [\"'self'\"]}\n-- requirements.txt --\nDjango==6.0.10\n",
		check: checkNoCSP,
	},
	{
		ID: "DH322", Name: "csp-old-settings", Title: "the CSP is written for django-csp 3, and version 4 ignores it", Severity: High, Item: 7,
		Why: "django-csp 4.0 reads CONTENT_SECURITY_POLICY only. The old settings give no header at all, and its check sees them only when \"csp\" is in INSTALLED_APPS.",
		Fix: cspFix,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:   []string{cspMigration},
		Checks: []string{"csp.E001"},
		Bad:    "del CONTENT_SECURITY_POLICY\nCSP_DEFAULT_SRC = (\"'self'\",)\nCSP_SCRIPT_SRC = (\"'self'\",)",
		Good:   "del CONTENT_SECURITY_POLICY\nCSP_DEFAULT_SRC = (\"'self'\",)\n-- requirements.txt --\nDjango==5.2.19\ndjango-csp==3.8\n",
		check: func(p *Project, r *report) {
			for _, c := range p.policies() {
				if c.form != formOld || p.middleware(djangoCSP) == pyeval.No && p.has("csp") == pyeval.No {
					continue
				}
				v, _ := p.get(c.setting)
				switch p.cspMajor() {
				case 4:
					r.fail(p, c.setting, v, c.setting+" and its like do nothing with django-csp 4")
				case 0:
					r.unknown(p, c.setting, v, "no dependency file says which django-csp is installed; from 4.0 on these settings do nothing")
				}
			}
		},
	},
	{
		ID: "DH323", Name: "csp-without-middleware", Title: "the CSP is written down, and nothing sends it", Severity: High, Item: 7,
		Why: "The header is the work of a middleware; without it the policy is a line that does nothing.",
		Fix: `MIDDLEWARE.insert(1, "django.middleware.csp.ContentSecurityPolicyMiddleware")  # below Django 6.0 "csp.middleware.CSPMiddleware"`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:  []string{cspDocs, "https://django-csp.readthedocs.io/en/latest/installation.html"},
		Bad:   `MIDDLEWARE.remove("csp.middleware.CSPMiddleware")`,
		Good:  "MIDDLEWARE = [m for m in MIDDLEWARE if \"csp\" not in m]\nMIDDLEWARE.insert(1, \"csp.middleware.CSPMiddleware\")",
		check: checkIdleCSP,
	},
	{
		ID: "DH324", Name: "csp-needs-django-6", Title: "SECURE_CSP does nothing before Django 6.0", Severity: High, Item: 7,
		Why: "Older releases ignore the setting without a word, and there is no such middleware to import.",
		Fix: cspFix,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs: []string{cspDocs},
		Bad:  noOldCSP + "SECURE_CSP = {\"default-src\": [\"'self'\"]}",
		Good: "SECURE_CSP = {\"default-src\": [\"'self'\"]}",
		check: func(p *Project, r *report) {
			if p.Series == "" || !seriesLess(p.Series, "6.0") || len(p.active()) > 0 {
				return
			}
			for _, c := range p.policies() {
				if c.form == formBuiltin {
					r.fail(p, c.setting, c.whole, "Django "+p.Series+" doesn't read "+c.setting)
				}
			}
		},
	},
	{
		ID: "DH325", Name: "csp-twice", Title: "django-csp and Django's own CSP get in each other's way", Severity: Medium, Item: 7,
		Why: "Both use the same nonce and the same header: the inner one's policy wins, the outer one does nothing, and which that is depends on the order.",
		Fix: `MIDDLEWARE.remove("csp.middleware.CSPMiddleware")  # and its settings`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs: []string{cspDocs},
		Bad:  "MIDDLEWARE.insert(1, \"django.middleware.csp.ContentSecurityPolicyMiddleware\")\nSECURE_CSP = {\"default-src\": [\"'self'\"]}\n-- requirements.txt --\nDjango==6.0.10\ndjango-csp==4.0\n",
		Good: noOldCSP + "MIDDLEWARE.insert(1, \"django.middleware.csp.ContentSecurityPolicyMiddleware\")\nSECURE_CSP = {\"default-src\": [\"'self'\"]}\n-- requirements.txt --\nDjango==6.1.3\n",
		check: func(p *Project, r *report) {
			v, _ := p.get("MIDDLEWARE")
			if i := v.Index(djangoCSP); i >= 0 && p.middleware(builtinCSP) == pyeval.Yes {
				r.fail(p, "MIDDLEWARE", v, "both ContentSecurityPolicyMiddleware and django-csp's CSPMiddleware are installed").at(ownPlace(v.Items[i], v))
			}
		},
	},
	{
		ID: "DH326", Name: "csp-report-only", Title: "the CSP only reports", Severity: Low, Item: 7,
		Why: "A policy that only reports stops nothing. It is the step before enforcing, not the end.",
		Fix: `SECURE_CSP = SECURE_CSP_REPORT_ONLY  # when the reports are clean; with django-csp CONTENT_SECURITY_POLICY`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs: []string{cspDocs},
		Bad:  "CONTENT_SECURITY_POLICY_REPORT_ONLY = CONTENT_SECURITY_POLICY\ndel CONTENT_SECURITY_POLICY",
		Good: "CONTENT_SECURITY_POLICY_REPORT_ONLY = {\"DIRECTIVES\": {\"default-src\": [\"'none'\"]}}",
		check: func(p *Project, r *report) {
			if len(p.active()) > 0 {
				return
			}
			for _, c := range p.policies() {
				if !c.reportOnly || p.works(c) == pyeval.No {
					continue
				}
				if p.answer("csp") == "report-only" {
					r.notApplicable("djharden.toml says that the policy only reports for now (csp = \"report-only\")")
					return
				}
				v, _ := p.get(c.setting)
				r.fail(p, c.setting, v, "no policy is enforced: "+c.setting+" only reports")
				return
			}
		},
	},
	{
		ID: "DH327", Name: "csp-scripts-anywhere", Title: "the CSP lets injected scripts run", Severity: Medium, Item: 7,
		Why: "'unsafe-inline', 'unsafe-eval', a star, a bare scheme or data: in what scripts come from lets in what the policy is there to keep out.",
		Fix: `"script-src": [SELF, NONCE]`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:  []string{cspDocs, "https://cheatsheetseries.owasp.org/cheatsheets/Content_Security_Policy_Cheat_Sheet.html"},
		Bad:   `CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"] = ["'self'", "'unsafe-inline'"]`,
		Good:  `CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"] = ["'self'", "'unsafe-inline'"]`,
		check: checkScripts,
	},
	{
		ID: "DH328", Name: "csp-without-default", Title: "the CSP doesn't restrict scripts", Severity: Medium, Item: 7,
		Why: "What no directive names is allowed from everywhere: a policy with neither script-src nor default-src lets every script run.",
		Fix: `"default-src": [CSP.SELF]`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:  []string{cspDocs},
		Bad:   noOldCSP + "MIDDLEWARE.insert(1, \"django.middleware.csp.ContentSecurityPolicyMiddleware\")\nSECURE_CSP = {\"img-src\": [\"'self'\"], \"frame-ancestors\": [\"'none'\"]}\n-- requirements.txt --\nDjango==6.1.3\n",
		Good:  noOldCSP + "MIDDLEWARE.insert(1, \"django.middleware.csp.ContentSecurityPolicyMiddleware\")\nSECURE_CSP = {\"default-src\": [\"'self'\"], \"frame-ancestors\": [\"'none'\"]}\n-- requirements.txt --\nDjango==6.1.3\n",
		check: checkDefault,
	},
	{
		ID: "DH329", Name: "csp-without-base-uri", Title: "the CSP trusts nonces and leaves the base address open", Severity: Low, Item: 7,
		Why: "An injected <base> sends the relative scripts that carry the nonce to another site; base-uri doesn't fall back to default-src.",
		Fix: `"base-uri": [NONE]`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs: []string{"https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/base-uri"},
		Bad:  `CONTENT_SECURITY_POLICY["DIRECTIVES"].pop("base-uri")`,
		Good: "CONTENT_SECURITY_POLICY[\"DIRECTIVES\"].pop(\"base-uri\")\nCONTENT_SECURITY_POLICY[\"DIRECTIVES\"][\"script-src\"] = [\"'self'\"]",
		check: func(p *Project, r *report) {
			for _, c := range p.active() {
				_, scripts, _ := c.directive("script-src", "default-src")
				name, _, all := c.directive("base-uri")
				if name == "" && all && c.directives != nil && slices.ContainsFunc(scripts, trusting) {
					r.fail(p, c.setting, c.value(p), c.setting+" has a nonce or a hash in script-src, and no base-uri")
				}
			}
		},
	},
	{
		ID: "DH330", Name: "csp-nonce-unwired", Title: "the CSP has a nonce that templates can't get", Severity: Medium, Item: 7,
		Why:    "The nonce is in the header and in no page: the site's own scripts don't run, and what gets them going again is 'unsafe-inline'.",
		Fix:    `# in the context_processors of TEMPLATES: "django.template.context_processors.csp" (django-csp: "csp.context_processors.nonce")`,
		ASVS:   []string{"3.4.3"},
		Refs:   []string{cspDocs, "https://django-csp.readthedocs.io/en/latest/nonce.html"},
		Checks: []string{"security.W027"},
		Bad:    `TEMPLATES[0]["OPTIONS"]["context_processors"] = ["django.contrib.auth.context_processors.auth"]`,
		Good:   `TEMPLATES[0]["OPTIONS"]["context_processors"].remove("csp.context_processors.nonce")`,
		check:  checkNonce,
	},
	{
		ID: "DH331", Name: "csp-malformed", Title: "a part of the CSP means nothing to browsers", Severity: Medium, Item: 7,
		Why: "A directive that isn't one is dropped, self without quotes is a host of that name, and a policy of the wrong shape isn't sent.",
		Fix: `"script-src": ["'self'"]`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:   []string{cspDocs, "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy"},
		Checks: []string{"security.E026"},
		Bad:    `CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] = ["self"]`,
		Good:   `CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] = ["'self'", "data:", "self.example.com"]`,
		check:  checkMalformed,
	},
	{
		ID: "DH332", Name: "csp-excludes-all", Title: "every path is excluded from the CSP", Severity: High, Item: 7,
		Why: "A path that begins with one of EXCLUDE_URL_PREFIXES gets no policy; every path begins with / and with the empty string, and a string counts as its characters.",
		Fix: `"EXCLUDE_URL_PREFIXES": ["/embed/"]`,
		CWE: []int{79}, ASVS: []string{"3.4.3"},
		Refs:   []string{"https://django-csp.readthedocs.io/en/latest/configuration.html"},
		Checks: []string{"csp.E002"},
		Bad:    `CONTENT_SECURITY_POLICY["EXCLUDE_URL_PREFIXES"] = "/embed/"`,
		Good:   `CONTENT_SECURITY_POLICY["EXCLUDE_URL_PREFIXES"] = ("/embed/",)`,
		check: func(p *Project, r *report) {
			for _, c := range p.policies() {
				v := c.whole.Get("EXCLUDE_URL_PREFIXES")
				if c.form != formNew || v == nil || p.works(c) == pyeval.No {
					continue
				}
				if v.Kind == pyeval.Str && v.S != "" || v.Index("/") >= 0 || v.Index("") >= 0 {
					r.fail(p, c.setting, c.whole, "EXCLUDE_URL_PREFIXES of "+c.setting+" takes the policy from every path").at(v.At)
				}
			}
		},
	},
	{
		ID: "DH333", Name: "csp-frames-anywhere", Title: "the CSP lets others frame the pages, whatever X-Frame-Options says", Severity: Medium,
		Why: "Where both are sent, browsers follow frame-ancestors and ignore X-Frame-Options.",
		Fix: `"frame-ancestors": [NONE]`,
		CWE: []int{1021}, ASVS: []string{"3.4.6"},
		Refs: []string{"https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/frame-ancestors"},
		Bad:  `CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-ancestors"] = ["*"]`,
		Good: `CONTENT_SECURITY_POLICY["DIRECTIVES"]["frame-ancestors"] = ["https://partner.example"]`,
		check: func(p *Project, r *report) {
			for _, c := range p.active() {
				_, list, _ := c.directive("frame-ancestors")
				for _, s := range list {
					if anywhere(s) {
						r.fail(p, c.setting, c.value(p), fmt.Sprintf("frame-ancestors %s lets every site frame the pages", s.text)).at(s.at)
					}
				}
			}
		},
	},
}
