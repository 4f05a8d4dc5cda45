package audit

import (
	"slices"
	"sort"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const mailDocs = "https://docs.djangoproject.com/en/stable/topics/email/"

var mailRules = []*Rule{
	{
		ID: "DH551", Name: "mail-backend", Severity: Medium,
		Title:  "mail isn't sent",
		Why:    "The console, file, memory and dummy backends are for development. In production password resets and error reports reach nobody, and the console one writes the reset links into the log.",
		Fix:    `EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"`,
		CWE:    []int{532},
		ASVS:   []string{"13.4.2"},
		Refs:   []string{mailDocs + "#email-backends"},
		Checks: []string{"mail.E001"},
		Bad: `del EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
-- requirements.txt --
django==6.1.3
django-csp==4.0
`,
		Good: `del EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "localhost"}}}
-- requirements.txt --
django==6.1.3
django-csp==4.0
`,
		check: checkMailBackend,
	},
	{
		ID: "DH552", Name: "mail-plain", Severity: Medium,
		Title: "mail, and the password for it, travel in plain text",
		Why:   "Without EMAIL_USE_TLS or EMAIL_USE_SSL the account's password and every reset link can be read between Django and the mail server.",
		Fix:   `EMAIL_PORT, EMAIL_USE_TLS = 587, True`,
		CWE:   []int{319},
		ASVS:  []string{"12.3.1"},
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#email-use-tls"},
		Bad:   `EMAIL_HOST, EMAIL_USE_TLS, EMAIL_USE_SSL = "smtp.example.com", False, False`,
		Good:  `EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_USE_SSL = "smtp.example.com", 465, False, True`,
		check: checkMailPlain,
	},
	{
		ID: "DH553", Name: "mail-conflict", Severity: High,
		Title: "mail settings exclude each other",
		Why:   "EMAIL_USE_TLS and EMAIL_USE_SSL together raise ValueError at the first mail. On Django 6.1 an EMAIL_* setting beside MAILERS raises ImproperlyConfigured at start.",
		Fix:   `EMAIL_USE_SSL = False  # STARTTLS on port 587: EMAIL_USE_TLS; TLS from the start on port 465: EMAIL_USE_SSL`,
		Refs:  []string{"https://docs.djangoproject.com/en/stable/ref/settings/#email-use-ssl"},
		Bad:   `EMAIL_USE_TLS = EMAIL_USE_SSL = True`,
		Good:  "EMAIL_USE_TLS = True\nEMAIL_USE_SSL = not EMAIL_USE_TLS",
		check: checkMailConflict,
	},
	{
		ID: "DH554", Name: "mailers-default", Severity: Low,
		Title: "MAILERS has no default",
		Why:   "send_mail and the error reports take the mailer default; without one they raise an exception.",
		Fix: `del EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {...}}}`,
		Refs:   []string{mailDocs},
		Checks: []string{"mail.W001"},
		Bad: `del EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS
MAILERS = {"bulk": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "localhost"}}}
-- requirements.txt --
django==6.1.3
django-csp==4.0
`,
		Good: `del EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "localhost"}}}
-- requirements.txt --
django==6.1.3
django-csp==4.0
`,
		check: checkMailersDefault,
	},
}

const smtpBackend = "django.core.mail.backends.smtp.EmailBackend"

// legacyMail are the settings that MAILERS replaces from Django 6.1 on.
var legacyMail = strings.Fields("EMAIL_BACKEND EMAIL_FILE_PATH EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER EMAIL_HOST_PASSWORD EMAIL_USE_TLS EMAIL_USE_SSL EMAIL_TIMEOUT EMAIL_SSL_CERTFILE EMAIL_SSL_KEYFILE")

// mailers is MAILERS, where this Django reads it; nil where it doesn't.
func (p *Project) mailers() *pyeval.Value {
	if !p.Facts.Mailers {
		return nil
	}
	v, own := p.get("MAILERS")
	if !own {
		return nil
	}
	return v
}

func checkMailBackend(p *Project, r *report) {
	setting, v := "EMAIL_BACKEND", p.setting("EMAIL_BACKEND", pythonValue(smtpBackend))
	if mailers := p.mailers(); mailers != nil {
		entry, there := lookup(mailers, "default", pythonValue(dict{}))
		if there == pyeval.No {
			return // mailers-default judges that
		}
		setting = `MAILERS["default"]["BACKEND"]`
		v, _ = lookup(entry, "BACKEND", pythonValue(smtpBackend))
	}
	r.weigh(p, setting, v, func(v *pyeval.Value) verdict {
		name, ok := dotted(v)
		short, django := strings.CutPrefix(name, "django.core.mail.backends.")
		kind, _, _ := strings.Cut(short, ".")
		switch {
		case !ok:
			return p.opaque(v)
		case django && slices.Contains([]string{"console", "dummy", "filebased", "locmem"}, kind) && len(v.Env) > 0:
			return wrong("mail goes to the %s backend when %s is unset", kind, variables(v))
		case django && slices.Contains([]string{"console", "dummy", "filebased", "locmem"}, kind):
			return wrong("mail goes to the %s backend", kind)
		}
		return right
	})
}

// smtp is how mail leaves: the settings of one connection.
type smtp struct {
	setting        string // the one to write
	host, tls, ssl *pyeval.Value
}

// connections are the SMTP connections of the settings.
func (p *Project) connections() []smtp {
	mailers := p.mailers()
	if mailers == nil {
		if v := p.setting("EMAIL_BACKEND", pythonValue(smtpBackend)); !v.IsStr(smtpBackend) {
			return nil
		}
		return []smtp{{"EMAIL_USE_TLS", p.setting("EMAIL_HOST", pythonValue("localhost")), p.setting("EMAIL_USE_TLS", pythonValue(false)), p.setting("EMAIL_USE_SSL", pythonValue(false))}}
	}
	var list []smtp
	for i, k := range mailers.Keys {
		if backend := mailers.Items[i].Get("BACKEND"); !backend.IsStr(smtpBackend) {
			continue
		}
		options, _ := lookup(mailers.Items[i], "OPTIONS", pythonValue(dict{}))
		host, _ := lookup(options, "host", pythonValue(""))
		tls, _ := lookup(options, "use_tls", pythonValue(false))
		ssl, _ := lookup(options, "use_ssl", pythonValue(false))
		list = append(list, smtp{sub("MAILERS", k.S), host, tls, ssl})
	}
	return list
}

func checkMailPlain(p *Project, r *report) {
	for _, c := range p.connections() {
		d := over(c.host, func(host *pyeval.Value) verdict {
			switch {
			case c.tls.Truth() == pyeval.Yes || c.ssl.Truth() == pyeval.Yes:
				return right
			case host.Kind == pyeval.Str && !far(host.S):
				return right
			case c.tls.Truth() == pyeval.Maybe || c.ssl.Truth() == pyeval.Maybe:
				return p.opaque(c.tls)
			case host.Kind != pyeval.Str:
				return cantTell("neither TLS nor SSL is on, and whether the mail server is another machine can't be told")
			}
			return wrong("mail goes to %s in plain text", host.S)
		})
		r.take(p, c.setting, c.tls, d)
	}
}

func checkMailConflict(p *Project, r *report) {
	for _, c := range p.connections() {
		if c.tls.Truth() == pyeval.Yes && c.ssl.Truth() == pyeval.Yes {
			r.fail(p, strings.Replace(c.setting, "USE_TLS", "USE_SSL", 1), c.ssl, "TLS and SSL are both on: the first mail ends in ValueError")
		}
	}
	if p.mailers() == nil {
		return
	}
	var beside []string
	for _, name := range legacyMail {
		if _, own := p.get(name); own {
			beside = append(beside, name)
		}
	}
	sort.Strings(beside)
	for _, name := range beside {
		v, _ := p.get(name)
		r.fail(p, name, v, name+" beside MAILERS: Django doesn't start").fix("remove " + name + ": what it says belongs below MAILERS[\"default\"][\"OPTIONS\"]")
	}
}

func checkMailersDefault(p *Project, r *report) {
	v := p.mailers()
	if v == nil {
		r.notApplicable("the project has no MAILERS")
		return
	}
	r.weigh(p, "MAILERS", v, func(v *pyeval.Value) verdict {
		switch v.Has("default") {
		case pyeval.No:
			return wrong("MAILERS has no default: send_mail raises an exception")
		case pyeval.Maybe:
			return p.opaque(v)
		}
		return right
	})
}
