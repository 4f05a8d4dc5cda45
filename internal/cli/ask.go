package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/scaffold"
)

// abouts say what each choice means, in a few words beside it.
var abouts = map[string]map[string]string{
	"preset": {
		"lms":  "REST API with tokens, throttles, lockout; with Redis, django-ratelimit",
		"site": "server-rendered pages, no API",
		"api":  "REST API with tokens, throttles, lockout",
	},
	"csp": {
		"enforce":     "browsers refuse what the policy doesn't name",
		"report-only": "browsers complain in their console, nothing breaks",
		"off":         "no policy",
	},
	"database_tls": {
		"verify-full": "encrypted, and the server is who it says",
		"require":     "encrypted, with whoever answers",
		"off":         "in the clear: this machine only",
	},
	"hsts": {
		"off": "no HSTS", "1h": "to begin with", "1d": "once a day has gone well", "30d": "", "1y": "",
		"subdomains": "1y, and every subdomain needs HTTPS", "preload": "subdomains, built into browsers: months to undo",
	},
}

var hops = []choice{
	{"0", "none: Django's server faces the internet"},
	{"1", "one: nginx, Caddy, Traefik or a platform's router"},
	{"2", "two: a CDN or load balancer, then one of those"},
	{"3", "three"},
	{"4", "four"},
	{"5", "five"},
}

// ask settles the answers that texts doesn't hold by asking, in the order of
// the options, and finishes them. An answer that doesn't go with the others is
// asked again.
func (r *initRun) ask(a *scaffold.Answers, texts map[string]given) (notes []string, err error) {
	set := map[string]bool{}
	for key := range texts {
		set[key] = true
	}
	r.p.note("%s", r.greeting())
	for _, key := range r.order() {
		// A password that djharden.toml doesn't hold is asked for.
		if set[key] && !(key == "redis_url" && scaffold.RedisMasked(*a)) {
			continue
		}
		if irrelevant(key, *a) {
			continue
		}
		if err := r.askOne(key, a); err != nil {
			return nil, err
		}
		set[key] = true
		scaffold.ApplyPreset(a, set)
	}
	for {
		notes, err = scaffold.Finish(a)
		var bad *scaffold.OptionError
		if !errors.As(err, &bad) {
			return notes, err
		}
		if from := texts[bad.Key].from; from != "" || scaffold.FindOption(bad.Key) == nil {
			return nil, optionFailure(err, from)
		}
		r.p.note("\n%s\n  hint: %s", bad.Error(), bad.Hint)
		if err := r.askOne(bad.Key, a); err != nil {
			return nil, err
		}
	}
}

func (r *initRun) greeting() string {
	what := "A new project in " + r.root + "."
	switch r.project.Kind {
	case django.Single:
		what = "The Django project in " + r.root + "."
	case django.Made:
		what = "A clone of a djharden project in " + r.root + ": it needs its .env."
	}
	return what + "\nEnter takes the answer in brackets. Ctrl-C stops; nothing is written before\nyou have seen every line of it and said yes."
}

// order is the options' own, but for TLS to the database, which decides
// whether a CA file is asked for.
func (r *initRun) order() []string {
	var keys []string
	for _, o := range scaffold.Options {
		if o.Unasked {
			continue
		}
		switch o.Key {
		case "settings", "database_tls": // the one is never asked, the other below
			continue
		case "database_ca":
			keys = append(keys, "database_tls")
		}
		keys = append(keys, o.Key)
	}
	return keys
}

// irrelevant reports whether an answer means nothing beside the others.
func irrelevant(key string, a scaffold.Answers) bool {
	switch key {
	case "jwt", "cors_origin":
		return !a.API()
	case "csrf_trusted_origin":
		return !a.API() || a.JWT
	case "ratelimit":
		return a.RedisURL == ""
	case "database_ca":
		return a.DatabaseTLS == "off"
	}
	return false
}

func (r *initRun) askOne(key string, a *scaffold.Answers) error {
	o := scaffold.FindOption(key)
	q := question{label: label(o), help: o.Security, def: o.Get(*a)}
	q.check = func(s string) error {
		try := *a
		return short(set(o, &try, s))
	}
	var text string
	var err error
	switch {
	case key == "proxy_hops":
		q.choices = hops
		text, err = r.asks.choose(q)
	case o.Kind == scaffold.Choice:
		for _, c := range o.Choices {
			about := abouts[key][c]
			if key == "django" {
				about = seriesAbout(c)
			}
			q.choices = append(q.choices, choice{c, about})
		}
		text, err = r.asks.choose(q)
	case o.Kind == scaffold.Bool:
		var yes bool
		yes, err = r.asks.confirm(q)
		text = fmt.Sprint(yes)
	case o.Secret:
		text, err = r.askHidden(o, q)
	default:
		if q.def == "" {
			q.def = noneWord(key)
		}
		text, err = r.asks.text(q)
	}
	if err != nil {
		return err
	}
	return set(o, a, text)
}

// label is the question, without what Enter answers, which stands beside it.
func label(o *scaffold.Option) string {
	if o.Key == "proxy_hops" {
		return "What stands in front of Django"
	}
	l := o.Question
	if o.Secret {
		if !strings.Contains(l, "hidden") {
			l = strings.Replace(l, " (", ", typed hidden (", 1)
		}
		return l
	}
	l, _, _ = strings.Cut(l, " (empty")
	return l
}

// set stores an answer that was typed; the words for none are none.
func set(o *scaffold.Option, a *scaffold.Answers, s string) error {
	if t := strings.TrimSpace(s); t != "" && t == noneWord(o.Key) || strings.EqualFold(t, "none") && o.Kind != scaffold.Size {
		s = ""
	}
	if err := o.Set(a, s); err != nil {
		return err
	}
	if o.Key == "domain" && len(a.Domains) == 0 {
		return &scaffold.OptionError{Key: o.Key, Msg: "name at least one host, such as example.com"}
	}
	if o.Key == "database_tls" && a.DatabaseURL != "" {
		_, _, _, err := scaffold.NormalizeDatabaseURL(a.DatabaseURL, a.DatabaseTLS)
		return err
	}
	return nil
}

// noneWord is what stands in brackets where Enter means no answer.
func noneWord(key string) string {
	switch key {
	case "admin_path":
		return "random"
	case "security_log":
		return "stdout only"
	case "database_ca":
		return "the system's"
	case "csrf_trusted_origin", "cors_origin":
		return "none"
	}
	return ""
}

// short is an error about an answer as it is shown under the question.
func short(err error) error {
	var e *scaffold.OptionError
	if !errors.As(err, &e) {
		return err
	}
	msg := e.Msg
	if e.Value != "" {
		msg = fmt.Sprintf("%q %s", e.Value, e.Msg)
	}
	if e.Hint != "" {
		msg += ": " + e.Hint
	}
	return errors.New(strings.Join(wrap(msg, width-4), "\n  "))
}

// askHidden asks for a URL that may hold a password, shows it without, and
// asks whether it is right.
func (r *initRun) askHidden(o *scaffold.Option, q question) (string, error) {
	for {
		text, err := r.asks.hidden(q)
		if err != nil || strings.TrimSpace(text) == "" || strings.EqualFold(strings.TrimSpace(text), "none") {
			return text, err
		}
		right, err := r.asks.confirm(question{label: "It reads " + scaffold.MaskURL(strings.TrimSpace(text)) + " - right?", def: "true"})
		if err != nil {
			return "", err
		}
		if right {
			return text, nil
		}
		q.help = ""
	}
}

func seriesAbout(series string) string {
	f, ok := django.FactsOf(series)
	switch {
	case !ok:
		return ""
	case f.EndOfLife:
		return "out of support since " + f.SupportEnd
	case f.LTS:
		return "long-term support, until " + f.SupportEnd
	}
	return "supported until " + f.SupportEnd
}
