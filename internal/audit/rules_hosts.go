package audit

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/djharden/djharden/internal/pyeval"
)

var hostRules = []*Rule{
	{
		ID: "DH121", Name: "any-host", Title: "Django answers to every host name", Severity: High, Item: 3,
		Why: "An attacker's Host header ends up in password-reset links, in absolute URLs and in caches, so one mail hands over an account.",
		Fix: `ALLOWED_HOSTS = ["example.com"]`,
		CWE: []int{183}, ASVS: []string{"2.2.1"},
		Refs: []string{settings + "allowed-hosts", docs + "topics/security/#host-header-validation"},
		Bad:  `ALLOWED_HOSTS = ["*"]`,
		Good: `ALLOWED_HOSTS = [".example.com"]`,
		check: func(p *Project, r *report) {
			r.ask(p, "ALLOWED_HOSTS", func(v *pyeval.Value) verdict {
				switch v.Has("*") {
				case pyeval.Yes:
					return wrong("ALLOWED_HOSTS holds \"*\": every host name is answered")
				case pyeval.Maybe:
					if v.IsList() || v.Kind == pyeval.Str || v.Kind == pyeval.None {
						return unknownItems(p, v)
					}
				}
				return right
			})
		},
	},
	{
		ID: "DH122", Name: "no-hosts", Title: "ALLOWED_HOSTS is empty, so production answers 400 to everything", Severity: Medium, Item: 3,
		Why:    "With DEBUG off Django answers only to listed hosts. What gets it going in a hurry is \"*\".",
		Fix:    `ALLOWED_HOSTS = ["example.com"]`,
		Refs:   []string{settings + "allowed-hosts", checks},
		Checks: []string{"security.W020"},
		Bad:    `ALLOWED_HOSTS = []`,
		Good:   `ALLOWED_HOSTS = ["example.com"]`,
		check: func(p *Project, r *report) {
			r.ask(p, "ALLOWED_HOSTS", func(v *pyeval.Value) verdict {
				if v.Truth() != pyeval.No {
					return right
				}
				if v.FromEnv() {
					return cantTell(strings.Join(v.Env, " and ") + " isn't set here; without it Django answers 400 to every request")
				}
				return wrong("ALLOWED_HOSTS is empty")
			})
		},
	},
	{
		ID: "DH123", Name: "hosts-of-strangers", Title: "ALLOWED_HOSTS covers names that others can register", Severity: High, Item: 3,
		Why: "A leading dot allows every name below it. Below a public suffix anyone can have a name, and send it as the Host header.",
		Fix: `ALLOWED_HOSTS = [".example.com"]`,
		CWE: []int{183}, ASVS: []string{"2.2.1"},
		Refs: []string{settings + "allowed-hosts", "https://publicsuffix.org/"},
		Bad:  `ALLOWED_HOSTS = [".herokuapp.com"]`,
		Good: `ALLOWED_HOSTS = ["shop.herokuapp.com"]`,
		check: func(p *Project, r *report) {
			v, _ := p.get("ALLOWED_HOSTS")
			r.eachItem(p, "ALLOWED_HOSTS", v, func(s string) string {
				if domain, dot := strings.CutPrefix(s, "."); dot && publicSuffix(domain) {
					return "anyone can get a name below " + s
				}
				return ""
			})
		},
	},
	{
		ID: "DH124", Name: "hosts-that-never-match", Title: "an entry of ALLOWED_HOSTS matches no host", Severity: Medium, Item: 3,
		Why:  "Django compares bare host names. An empty entry, a scheme, a port, a blank or a star inside never matches, and the site answers 400.",
		Fix:  `ALLOWED_HOSTS = [h.strip() for h in os.environ["ALLOWED_HOSTS"].split(",") if h.strip()]`,
		Refs: []string{settings + "allowed-hosts"},
		Bad:  "import os\nALLOWED_HOSTS = os.environ.get(\"ALLOWED_HOSTS\", \"\").split(\",\")",
		Good: "import os\nALLOWED_HOSTS = [h.strip() for h in \"example.com, www.example.com,\".split(\",\") if h.strip()]",
		check: func(p *Project, r *report) {
			v, own := p.get("ALLOWED_HOSTS")
			if own && v.Kind == pyeval.Str {
				r.fail(p, "ALLOWED_HOSTS", v, "ALLOWED_HOSTS is a string, not a list: Django doesn't start")
				return
			}
			r.eachItem(p, "ALLOWED_HOSTS", v, deadHost)
		},
	},
	{
		ID: "DH125", Name: "forwarded-host-trusted", Title: "the host is taken from a header that most proxies pass on from the client", Severity: Low,
		Why: "nginx and most load balancers hand X-Forwarded-Host through as it came: a visitor chooses among the allowed hosts for links and caches, and the proxy's own check of Host is passed by.",
		Fix: `USE_X_FORWARDED_HOST = False  # let the proxy send Host: proxy_set_header Host $host`,
		CWE: []int{348}, ASVS: []string{"4.1.3"},
		Refs: []string{settings + "use-x-forwarded-host"},
		Bad:  `USE_X_FORWARDED_HOST = True`,
		Good: `USE_X_FORWARDED_HOST = True
-- nginx/default.conf --
server {
    location / {
        proxy_set_header X-Forwarded-Host $host;
        proxy_pass http://web:8000;
    }
}
`,
		check: func(p *Project, r *report) {
			if p.noProxy() != "" {
				return // DH204
			}
			for name, text := range p.serverFiles() {
				if strings.Contains(strings.ToLower(text), "x-forwarded-host") {
					r.notApplicable(name + " sets X-Forwarded-Host")
					return
				}
			}
			r.ask(p, "USE_X_FORWARDED_HOST", whenOn("USE_X_FORWARDED_HOST is on, and no proxy is seen here that sets X-Forwarded-Host itself"))
		},
	},
}

// deadHost says why an entry of ALLOWED_HOSTS matches nothing.
func deadHost(s string) string {
	switch {
	case s == "":
		return `ALLOWED_HOSTS holds an empty string ("".split(",") is [""]), which matches no host`
	case strings.TrimSpace(s) != s:
		return quoted(s) + " has blanks around it, so it matches no host"
	case strings.Contains(s, "://"):
		return quoted(s) + " has a scheme; Django compares bare host names"
	case strings.Contains(s, "/"):
		return quoted(s) + " has a path; Django compares bare host names"
	case s != "*" && strings.Contains(s, "*"):
		return quoted(s) + ` has a star inside; for subdomains Django takes a leading dot`
	case strings.Contains(s, ":") && !strings.HasSuffix(s, "]"):
		return quoted(s) + " has a port; Django compares host names without one"
	}
	return ""
}

// publicSuffix reports whether anyone can register names below a domain: a
// top-level domain that exists, "co.uk", "herokuapp.com". Names of private
// networks ("internal", "local") are none.
func publicSuffix(domain string) bool {
	domain = strings.ToLower(domain)
	if domain == "" || strings.ContainsAny(domain, "*/: ") {
		return false
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return false
	}
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return suffix == domain && (icann || strings.Contains(domain, "."))
}

// unknownItems says that a list may hold more than could be read, unless
// everything that can't be read is what a needed variable holds.
func unknownItems(p *Project, v *pyeval.Value) verdict {
	for _, x := range v.Items {
		if !x.Known() && !p.required(x) {
			return cantTell(why(x))
		}
	}
	if v.Open {
		if len(v.Env) > 0 && p.allMustBeSet(v.Env) {
			return right
		}
		return cantTell(why(v))
	}
	return right
}

func (p *Project) allMustBeSet(variables []string) bool {
	for _, name := range variables {
		if !p.mustBeSet(name) {
			return false
		}
	}
	return true
}

func quoted(s string) string { return `"` + s + `"` }
