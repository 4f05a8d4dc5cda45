package scaffold

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

// warnings are what an answer leaves to a person, or leaves open.
func warnings(in Input, facts django.Facts) []Warning {
	a := in.Answers
	var list []Warning
	say := func(when bool, code, message string) {
		if when {
			list = append(list, Warning{code, message})
		}
	}
	say(facts.EndOfLife, "django-unsupported", fmt.Sprintf(
		"Django %s gets no security fixes since %s: move to %s (long-term support) before going live", facts.Series, facts.SupportEnd, django.NewestLTS()))
	url := a.DatabaseURL
	if there, ok := DotEnvValue(in.Project.Files[".env"], "DATABASE_URL"); ok {
		url = there
	}
	say(url == "", "database-url", "no database URL: DATABASE_URL in .env is empty, and production refuses to start until it is filled in")
	say(a.DatabaseTLS == "require", "database-tls", "database TLS is `require`: the connection is encrypted, but any server that answers is believed; take verify-full where the host offers it")
	say(a.DatabaseTLS == "off", "database-tls", "database TLS is off: production takes a database on this machine only")
	say(masked(a.RedisURL) && !in.Project.HasEnv, "redis-url", "djharden.toml holds the Redis URL without its password: fill in REDIS_URL in .env")
	list = append(list, proxyWarning(a), hstsWarning(a))
	say(a.CSP == "report-only", "csp", "the Content-Security-Policy only reports: it stops nothing until --csp enforce")
	say(a.CSP == "off", "csp", "no Content-Security-Policy: an injected script runs")
	say(!a.Lockout, "lockout", "no lockout: passwords can be guessed until they are found")
	say(a.Admin2FA, "second-factor", "the admin asks for a second factor: enrol under the production settings before you need it, or nobody gets in")
	say(a.Admin2FA && hasJWT(a), "token-by-password", "the second factor guards the admin alone: a password by itself still gets an API token")
	list = append(list, kept(in)...)
	say(true, "backup", "back up .env, apart from the code: it holds the only copy of the keys")
	return list
}

func proxyWarning(a Answers) Warning {
	switch a.ProxyHops {
	case 0:
		return Warning{"proxy", "no proxy in front: TLS must end in the application server itself; behind a proxy after all, every visitor has one address and the redirect never ends"}
	case 1:
		return Warning{"proxy", "the proxy must set X-Forwarded-For and X-Forwarded-Proto, over whatever a client sent, and clear X-Forwarded-Ssl and X-Forwarded-Protocol"}
	}
	return Warning{"proxy", fmt.Sprintf("%d proxies in front: the outermost must set X-Forwarded-For and X-Forwarded-Proto, over whatever a client sent; the others add to the first, pass the second on, and take connections from each other only", a.ProxyHops)}
}

func hstsWarning(a Answers) Warning {
	const preload = "`--hsts preload` would commit every subdomain to HTTPS in all browsers, for months after you change your mind"
	switch a.HSTS {
	case "off":
		return Warning{"hsts", "HSTS is off (check --deploy's W004 is silenced): a first request over http can be hijacked; begin with --hsts 1h"}
	case "preload":
		return Warning{"hsts", "HSTS is at stage preload: browsers that ship the list refuse plain http for every subdomain, for months after you change your mind"}
	case "subdomains":
		return Warning{"hsts", "HSTS is at stage subdomains (check --deploy's W021 is silenced): plain http is refused on every subdomain for a year; " + preload}
	}
	return Warning{"hsts", fmt.Sprintf("HSTS is at stage %s (check --deploy's W005 and W021 are silenced): go on to %s once nothing has broken; %s", a.HSTS, hstsStages[a.HSTS].Next, preload)}
}

// kept says what was there before djharden and stays, though it may not fit.
func kept(in Input) []Warning {
	if in.Project.Kind != django.Empty {
		return nil
	}
	var list []Warning
	if old, ok := in.Project.Files[".env"]; ok {
		var names []string
		for _, v := range envVars(in) {
			if _, there := DotEnvValue(old, v.Name); there {
				names = append(names, v.Name)
			}
		}
		if len(names) > 0 {
			list = append(list, Warning{"env-kept", ".env was there: " + strings.Join(names, ", ") + " keep their values; production checks them at start"})
		}
	}
	old := in.Project.Files["requirements.txt"]
	has := namesIn(old)
	var names []string
	facts, _ := django.FactsOf(in.Answers.Django)
	for _, p := range django.Pins(in.Answers.Django, features(in.Answers, facts)...) {
		if has[p.Name] && !has[p.Line] {
			names = append(names, p.Line)
		}
	}
	if len(names) > 0 {
		list = append(list, Warning{"requirements-kept", "requirements.txt names these in its own way, which stays; djharden is tried with " + strings.Join(names, ", ")})
	}
	if strings.Contains(string(old), "--hash=") {
		list = append(list, Warning{"requirements-hashes", "requirements.txt has hashes, and pip then wants one for every line: add them with your tool"})
	}
	return list
}

// nextSteps are the commands from here to a running site: first this machine,
// then the server.
func nextSteps(in Input) []string {
	a := in.Answers
	steps := []string{
		"On this machine (Python " + minPython(a) + " or newer):",
		"  python3 -m venv .venv",
		"  . .venv/bin/activate",
		"  pip install -r requirements-dev.txt",
		"  python manage.py migrate",
		"  python manage.py runserver",
		"On the server, with its own .env:",
		"  export DJANGO_SETTINGS_MODULE=config.settings.prod",
		"  pip install -r requirements.txt",
		"  python manage.py migrate",
		"  python manage.py collectstatic --noinput",
		"  python manage.py createsuperuser",
	}
	if a.Admin2FA {
		steps = append(steps, "  python manage.py addstatictoken USERNAME")
	}
	rest := "the proxy"
	if a.Admin2FA {
		rest += ", enrolling the second factor"
	}
	return append(steps,
		"  python manage.py check --deploy --fail-level WARNING",
		"  "+gunicorn(a),
		readmePath(in.Project)+" has the rest: "+rest+", what to run before a release and every day.",
	)
}

func minPython(a Answers) string {
	facts, _ := django.FactsOf(a.Django)
	return facts.MinPython
}

// gunicorn is the command that serves the site.
func gunicorn(a Answers) string {
	if a.ProxyHops == 0 {
		return "gunicorn config.wsgi --workers 3 --bind 0.0.0.0:443 --certfile fullchain.pem --keyfile privkey.pem"
	}
	return "gunicorn config.wsgi --workers 3 --bind 127.0.0.1:8000"
}
