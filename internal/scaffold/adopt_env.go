package scaffold

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// envNames finds under which names the project reads already what production
// needs, so that they stay.
func (d *adoption) envNames() {
	for _, n := range []string{"SECRET_KEY", "ALLOWED_HOSTS", "CORS_ALLOWED_ORIGINS", "CSRF_TRUSTED_ORIGINS"} {
		d.keep(n, d.v(n))
	}
	d.keep("DEBUG", d.s.Debug)
	d.keep("JWT_SIGNING_KEY", d.v("SIMPLE_JWT").Get("SIGNING_KEY"))
	if d.env["JWT_SIGNING_KEY"] == d.name("SECRET_KEY") {
		delete(d.env, "JWT_SIGNING_KEY")
	}
	d.keep("DATABASE_URL", d.v("DATABASES").Get("default"))
}

func (d *adoption) keep(name string, v *django.Value) {
	if v != nil && v.Kind == django.FromEnv && v.Env != name && isEnvName(v.Env) {
		d.env[name] = v.Env
	}
}

// name is the variable that stands for one of djharden's.
func (d *adoption) name(n string) string {
	if own := d.env[n]; own != "" {
		return own
	}
	return n
}

// needs notes a variable of .env; the order of the calls is the file's.
func (d *adoption) needs(name, value, comment string) string {
	name = d.name(name)
	for _, v := range d.vars {
		if v.Name == name {
			return name
		}
	}
	d.vars = append(d.vars, EnvVar{name, value, comment})
	return name
}

// variables lists what production reads, in the order of .env.
func (d *adoption) variables(o *overlay) {
	a, s := d.a, d.in.Secrets
	d.needs("SECRET_KEY", s.SecretKey, "Signs sessions and links. `djharden rotate secret-key` replaces it.")
	d.needs("SECRET_KEY_FALLBACKS", "", "Old keys that still verify, comma-separated.")
	if o.signs {
		d.needs("JWT_SIGNING_KEY", s.JWTKey, "Signs the API's tokens. Never the same as the secret key. `djharden rotate jwt-key` replaces it.")
		d.needs("JWT_SIGNING_KEY_FALLBACKS", "", "Old signing keys whose tokens are still taken, comma-separated.")
	}
	d.needs("DEBUG", "0", "Production refuses anything else; development doesn't ask.")
	d.needs("ALLOWED_HOSTS", strings.Join(a.Domains, ","), "The host names that the site answers to.")
	d.needs("TRUSTED_PROXY_COUNT", strconv.Itoa(a.ProxyHops), "How many proxies add to X-Forwarded-For; 0: none is in front.")
	d.needs("DATABASE_URL", a.DatabaseURL, databaseComment(a))
	if wantsCA(a) {
		d.needs("DATABASE_CA_FILE", orElse(a.DatabaseCA, systemCA), "The authorities, on the server, that may vouch for the database.")
	}
	d.needs("DEV_DATABASE_URL", "", "Development uses the database of base.py unless this names another.")
	if a.RedisURL != "" {
		d.needs("REDIS_URL", unmasked(a.RedisURL), "Counts throttles for all workers.")
	}
	if o.cors {
		d.needs("CORS_ALLOWED_ORIGINS", strings.Join(a.CORSOrigins, ","), "Front ends whose pages may call the API.")
	}
	if o.csrf {
		d.needs("CSRF_TRUSTED_ORIGINS", strings.Join(a.CSRFTrustedOrigins, ","), "Front ends whose pages may post with a session cookie.")
	}
	if o.admin != "" {
		d.needs("ADMIN_PATH", orElse(a.AdminPath, s.AdminPath), "Where the admin is, like any-words/.")
	}
	if o.mail {
		d.needs("EMAIL_HOST", "localhost", "The mail server. It must speak STARTTLS.")
		d.needs("EMAIL_PORT", "587", "")
		d.needs("EMAIL_HOST_USER", "", "")
		d.needs("EMAIL_HOST_PASSWORD", d.moved("EMAIL_HOST_PASSWORD"), "")
	}
	for _, l := range d.leaks {
		if !l.key {
			d.needs(l.env, l.value, "Was in the settings, so in the code's history: replace it at its issuer.")
		}
	}
}

// moved is the value of a secret that goes to .env under a name.
func (d *adoption) moved(env string) string {
	for _, l := range d.leaks {
		if l.env == env && !l.key {
			return l.value
		}
	}
	return ""
}

// envFile is .env: what was there stays, what is missing is added.
func (d *adoption) envFile() (plan.File, error) {
	for _, v := range d.vars {
		if _, _, err := QuoteEnv(v.Value); err != nil {
			return plan.File{}, d.unwritable(v.Name, err)
		}
	}
	f := plan.File{Path: ".env", Owner: plan.Once, Perm: 0o600, Secret: true, Data: DotEnv(d.vars), Reason: "secrets and addresses, never in git"}
	if old, ok := d.p.Files[".env"]; ok {
		f.Owner, f.Was = plan.Patch, old
		f.Data, _ = EditDotEnv(old, d.vars)
	}
	return f, nil
}

// unwritable is a moved secret that no line of .env can hold.
func (d *adoption) unwritable(name string, err error) error {
	for _, l := range d.leaks {
		if l.env == name {
			return &django.Refusal{Path: d.s.Path, Line: django.Line(d.s.Src.Src, l.node.S), Reason: l.setting + " is a secret that .env can't hold: it " + err.Error(), Manual: "It stands in the code, so it is leaked: replace it at its issuer, and read the new one from the environment or a file."}
		}
	}
	return fmt.Errorf("%s %w", name, err)
}

// envExample is .env.example: every variable, without secrets.
func (d *adoption) envExample() plan.File {
	list := d.exampleVars(d.s.Reads)
	old := d.p.Files[".env.example"]
	f := plan.File{Path: ".env.example", Owner: plan.Patch, Was: old, Reason: "every variable that production reads, without secrets", Record: DotEnv(list)}
	f.Data, _ = EditDotEnv(old, list)
	return f
}

// exampleVars are the variables as .env.example has them, and what the
// settings read besides.
func (d *adoption) exampleVars(reads []django.EnvRead) []EnvVar {
	values := exampleValues(d.a)
	list := make([]EnvVar, 0, len(d.vars))
	for _, v := range d.vars {
		for own, value := range values {
			if d.name(own) == v.Name {
				v.Value = value
			}
		}
		for _, l := range d.leaks {
			if l.env == v.Name {
				v.Value, v.Comment = "", ""
			}
		}
		list = append(list, v)
	}
	have := map[string]bool{}
	for _, v := range list {
		have[v.Name] = true
	}
	for _, r := range reads {
		if !have[r.Name] && isEnvName(r.Name) && !(r.Setting == "DEBUG" && d.name("DEBUG") == r.Name) {
			have[r.Name] = true
			list = append(list, EnvVar{Name: r.Name})
		}
	}
	return list
}

// envContext is what env.py is made from.
type envContext struct {
	context
	Reader   string
	Environs bool
	Up       string // from the settings package to the folder of manage.py
}

// envModule is env.py: the project's own reader, and the checks that a new
// project has.
func (d *adoption) envModule() ([]byte, error) {
	in := d.in
	in.Answers = d.a
	c := newContext(in, d.facts)
	c.API = c.API || d.p.HasCORS
	r := envContext{context: c, Reader: string(d.p.Reader), Environs: d.environs(), Up: strings.Repeat(".parent", strings.Count(d.p.Path, "/")+2)}
	head, err := page(adoptTree(), "settings/env.py", r)
	if err != nil {
		return nil, err
	}
	checks, err := page(newTree(), "config/settings/env.py", c)
	if err != nil {
		return nil, err
	}
	tail := "\n\ndef debug_off(value):"
	if r.Environs { // then it refuses as a new project does, too
		tail = "\n\ndef refuse():"
	}
	i := bytes.Index(checks, []byte(tail))
	if i < 0 {
		return nil, fmt.Errorf("config/settings/env.py has no %q", strings.TrimSpace(tail))
	}
	return append(bytes.TrimRight(head, "\n"), append([]byte("\n"), checks[i:]...)...), nil
}

// environs reports whether environs reads the environment; a project that has
// another reader keeps it, and doesn't get environs.
func (d *adoption) environs() bool {
	switch d.p.Reader {
	case django.ReadsNothing, django.ReadsOS, django.ReadsEnvirons:
		return true
	}
	return false
}

// shim is the settings package's __init__.py.
func (d *adoption) shim() ([]byte, error) {
	if d.environs() {
		return page(newTree(), "config/settings/__init__.py", newContext(d.in, d.facts))
	}
	return page(adoptTree(), "settings/__init__.py", newContext(d.in, d.facts))
}
