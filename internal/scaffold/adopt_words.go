package scaffold

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// words says what was found and what is left to a person.
func (d *adoption) words() {
	found := d.warns
	d.warns = nil
	d.leaked()
	d.warns = append(d.warns, found...)
	in := d.in
	in.Answers = d.a
	d.warns = append(d.warns, warnings(in, d.facts)...)
	d.environment()
	d.urlWords()
	d.depWords()
	d.mentionWords()
}

// leaked says which secrets stood in the code.
func (d *adoption) leaked() {
	out := false
	for _, l := range d.leaks {
		where := fmt.Sprintf("%s:%d", d.s.Path, django.Line(d.s.Src.Src, l.node.S))
		switch {
		case l.key && l.setting == "SECRET_KEY":
			out = true
			d.warn("secret-key-leaked", "%s: SECRET_KEY stood in the code, so it is known: a new one is in .env, the old one is not kept as a fallback", where)
		case l.key:
			out = true
			d.warn("jwt-key-leaked", "%s: %s stood in the code, so it is known: a new key is in .env", where, l.setting)
		default:
			d.warn("secret-leaked", "%s: %s stood in the code and its history: it is now %s in .env; replace it at its issuer", where, l.setting, l.env)
		}
	}
	for _, l := range d.composed {
		if l.setting != "SECRET_KEY" { // production has its own
			d.warn("secret-left", "%s:%d: %s is put together from text in the code, and was left there: if that is secret, replace it at its issuer and read it from the environment", d.s.Path, django.Line(d.s.Src.Src, l.node.S), l.setting)
		}
	}
	if out {
		d.warn("signed-out", "users are signed out once, and password-reset links and tokens sent before are dead")
	}
	for _, l := range d.leaks {
		if _, portable, err := QuoteEnv(l.value); !l.key && err == nil && !portable {
			d.warn("env-quoted", "%s is in single quotes in .env, which docker run --env-file takes for a part of the value", l.env)
		}
	}
}

// environment says what a .env that was there, or lacks, means for production.
func (d *adoption) environment() {
	old, ok := d.p.Files[".env"]
	if missing := d.required(old); len(missing) > 0 {
		d.warn("env-required", "the settings don't load without %s: put them into .env, production's and yours", strings.Join(missing, ", "))
	}
	if !ok {
		return
	}
	var kept []string
	for _, v := range d.vars {
		value, there := DotEnvValue(old, v.Name)
		if !there {
			continue
		}
		kept = append(kept, v.Name)
		switch {
		case v.Name == d.name("SECRET_KEY") && (len(value) < 50 || strings.Contains(value, "insecure")):
			d.warn("env-weak", ".env: %s is short or a placeholder, and production refuses to start with it: djharden rotate secret-key makes a new one", v.Name)
		case v.Name == d.name("DEBUG") && truthy(value):
			d.warn("env-debug", ".env: %s is on, and production refuses to start: set it to 0 on the server", v.Name)
		case v.Name == d.name("ALLOWED_HOSTS") && (strings.Contains(value, "*") || !strings.Contains(value, ".")):
			d.warn("env-hosts", ".env: %s names no domain of yours, and production refuses to start with it", v.Name)
		}
	}
	if len(kept) > 0 {
		d.warn("env-kept", ".env was there: %s keep their values; production checks them at start", strings.Join(kept, ", "))
	}
}

// required are the variables that the settings can't do without and that no
// .env has.
func (d *adoption) required(env []byte) []string {
	var out []string
	for _, r := range d.s.Reads {
		_, there := DotEnvValue(env, r.Name)
		ours := slices.ContainsFunc(d.vars, func(v EnvVar) bool { return v.Name == r.Name })
		if r.Required && !there && !ours && !slices.Contains(out, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}

func truthy(v string) bool {
	switch strings.ToLower(strings.Trim(v, `'"`)) {
	case "", "0", "false", "no", "off", "f", "n":
		return false
	}
	return true
}

func (d *adoption) urlWords() {
	u := d.p.URLs
	if u.Admin == nil {
		return
	}
	for _, line := range u.Under {
		d.warn("admin-below", "%s:%d: this route stays under %s, which the admin leaves", u.Path, line, u.Old)
	}
	if u.StaticMedia > 0 {
		d.warn("media", "%s:%d: static() serves uploads with DEBUG on only: in production the proxy serves MEDIA_URL from MEDIA_ROOT (DEPLOYMENT.md)", u.Path, u.StaticMedia)
	}
}

func (d *adoption) depWords() {
	if d.p.Series == "" {
		d.warn("django-unknown", "the project doesn't say which Django it is on: this is for %s; name another with --django", d.facts.Series)
	}
	if r := d.p.Deps.Find("django"); r != nil && r.Spec == "" {
		d.warn("django-unpinned", "%s:%d: Django has no version, so pip installs the newest: write Django~=%s", r.Path, r.Line, d.facts.Latest)
	}
	for _, p := range django.Pins(d.facts.Series, features(d.a, d.facts)...) {
		r := d.p.Deps.Find(p.Name)
		if r == nil {
			continue
		}
		floor := strings.TrimLeft(p.Line[strings.IndexAny(p.Line, "~>="):], "~>=")
		floor, _, _ = strings.Cut(floor, ",")
		if r.Below(floor) {
			d.warn("requirement-old", "%s:%d: %s%s is below %s, which djharden is tried with", r.Path, r.Line, r.Name, r.Spec, floor)
		}
	}
}

const maxLines = 20

func (d *adoption) mentionWords() {
	list := func(code, what string, mentions []django.Mention) {
		for i, m := range mentions {
			if i == maxLines {
				d.warn(code, "... and %d more", len(mentions)-i)
				break
			}
			message := fmt.Sprintf("%s:%d: %s", m.Path, m.Line, what)
			if m.Text != "" {
				message += ": " + m.Text
			}
			d.warn(code, "%s", message)
		}
	}
	list("old-settings", "names the old settings; servers name "+d.p.Module+".prod, tests and developers "+d.p.Module+".dev", d.p.ModuleMentions)
	list("health-check", "asks over plain http and gets a redirect to https", d.p.HealthChecks)
	if d.p.URLs.Admin != nil && d.p.URLs.Setting == "" {
		list("old-admin", "names /admin, which moves", d.p.AdminMentions)
	}
}

// next are the commands from here to the running site.
func (d *adoption) next() []string {
	prod := d.p.Module + ".prod"
	steps := []string{
		"On this machine:",
		"  pip install -r " + d.p.Deps.Path,
		"  python manage.py migrate",
		"  python manage.py runserver",
		"On the server, with its own .env:",
		"  export DJANGO_SETTINGS_MODULE=" + prod,
		"  pip install -r " + d.p.Deps.Path,
		"  python manage.py migrate",
		"  python manage.py collectstatic --noinput",
		"  python manage.py createsuperuser",
	}
	if d.a.Admin2FA {
		steps = append(steps, "  python manage.py addstatictoken USERNAME")
	}
	in := d.in
	in.Answers = d.a
	return append(steps,
		"  python manage.py check --deploy --fail-level WARNING",
		"  "+strings.ReplaceAll(gunicorn(in.Answers), "config.wsgi", d.p.Package+".wsgi"),
		"DEPLOYMENT.md has the rest: the proxy, what to run before a release and every day.")
}

// renderAdopted is a project that was adopted before: a fresh clone gets its
// .env, one that has it stays as it is.
func renderAdopted(in Input, facts django.Facts) (Result, error) {
	p := in.Project
	res := Result{SettingsModule: in.Answers.Settings + ".prod", MinPython: facts.MinPython}
	if p.HasEnv {
		res.Files = []plan.File{{Path: "djharden.toml", Owner: plan.Whole, Data: TOML(in.Answers, in.Version), Reason: "the answers, without secrets"}}
		return res, nil
	}
	vars, err := cloneVars(in)
	if err != nil {
		return Result{}, err
	}
	res.Files = []plan.File{{Path: ".env", Owner: plan.Once, Perm: 0o600, Secret: true, Data: DotEnv(vars), Reason: "secrets and addresses, never in git"}}
	if f := ignoreFile(in, ".gitignore", gitignore); !bytes.Equal(f.Data, f.Was) {
		res.Files = append(res.Files, f)
	}
	var empty []string
	for _, v := range vars {
		if v.Value == "" && !strings.HasSuffix(v.Name, "KEY_FALLBACKS") && v.Name != "DEV_DATABASE_URL" {
			empty = append(empty, v.Name)
		}
	}
	if len(empty) > 0 {
		res.Warnings = append(res.Warnings, Warning{"env-empty", "fill in .env, or leave empty what you don't use: " + strings.Join(empty, ", ")})
	}
	res.Warnings = append(res.Warnings, warnings(in, facts)...)
	res.Next = []string{"  python manage.py migrate", "  python manage.py runserver"}
	return res, nil
}

// cloneVars are the names of .env.example with what can be made or is answered.
func cloneVars(in Input) ([]EnvVar, error) {
	a, s := in.Answers, in.Secrets
	known := map[string]string{
		"SECRET_KEY": s.SecretKey, "JWT_SIGNING_KEY": s.JWTKey, "SECRET_KEY_FALLBACKS": "", "JWT_SIGNING_KEY_FALLBACKS": "", "DEBUG": "0",
		"ALLOWED_HOSTS": strings.Join(a.Domains, ","), "TRUSTED_PROXY_COUNT": strconv.Itoa(a.ProxyHops),
		"DATABASE_URL": a.DatabaseURL, "DATABASE_CA_FILE": orElse(a.DatabaseCA, systemCA), "DEV_DATABASE_URL": "",
		"REDIS_URL": unmasked(a.RedisURL), "CORS_ALLOWED_ORIGINS": strings.Join(a.CORSOrigins, ","),
		"CSRF_TRUSTED_ORIGINS": strings.Join(a.CSRFTrustedOrigins, ","), "ADMIN_PATH": orElse(a.AdminPath, s.AdminPath),
	}
	values := map[string]string{}
	d := &adoption{in: in, a: a, p: in.Project, s: in.Project.Settings, env: map[string]string{}}
	if d.s != nil {
		d.envNames()
	}
	for own, value := range known {
		values[d.name(own)] = value
	}
	example := in.Project.Files[".env.example"]
	var out []EnvVar
	for _, e := range scanEnv(example) {
		if !isEnvName(e.name) {
			continue
		}
		v, ok := values[e.name]
		if !ok {
			v, _ = DotEnvValue(example, e.name)
		}
		out = append(out, EnvVar{Name: e.name, Value: v})
	}
	if len(out) == 0 {
		return nil, &django.Refusal{Path: ".env.example", Reason: "isn't there, and .env is made from it", Manual: "Take it from git, or write .env by hand."}
	}
	for _, v := range out {
		if _, _, err := QuoteEnv(v.Value); err != nil {
			return nil, fmt.Errorf(".env.example: %s %w", v.Name, err)
		}
	}
	return out, nil
}
