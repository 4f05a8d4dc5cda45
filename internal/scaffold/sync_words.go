package scaffold

import (
	"bytes"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/plan"
)

// words says what the sync leaves to a person.
func (s *syncer) words() {
	about := map[string]string{"csp": "csp", "lockout": "lockout", "second-factor": "admin_2fa", "token-by-password": "admin_2fa", "proxy": "proxy_hops", "database-tls": "database_tls"}
	for _, w := range warnings(s.Input, s.facts) {
		if key := about[w.Code]; w.Code == "django-unsupported" || key != "" && s.changed(key) {
			s.out.Warnings = append(s.out.Warnings, w)
		}
	}
	s.out.Next = s.next()
}

// next are the steps that the changed files ask for.
func (s *syncer) next() []string {
	code, env, packages := false, false, false
	for _, f := range s.out.Files {
		switch {
		case f.Keep != "":
		case f.Path == ".env":
			env = !bytes.Equal(f.Data, f.Was)
		case strings.HasPrefix(f.Path, "requirements"):
			packages = packages || !bytes.Equal(f.Data, f.Was)
		case f.Owner == plan.Whole:
			code = code || !bytes.Equal(f.Data, s.Record.files[orElse(f.Base, f.Path)])
		}
	}
	for name := range s.Record.files { // one that isn't made any more
		code = code || !slices.ContainsFunc(s.out.Files, func(f plan.File) bool { return f.Path == name || f.Base == name })
	}
	var steps []string
	if packages {
		steps = append(steps, "  pip install -r requirements.txt")
	}
	if code || packages {
		steps = append(steps,
			"  python manage.py migrate",
			"  python manage.py test",
			"On the server, with the new code:",
			"  export DJANGO_SETTINGS_MODULE="+s.out.SettingsModule,
			"  pip install -r requirements.txt",
			"  python manage.py migrate",
			"  python manage.py collectstatic --noinput",
			"  python manage.py check --deploy --fail-level WARNING",
			"and restart the site.")
	}
	if env || len(s.out.Env) > 0 {
		steps = append(steps, "The server has a .env of its own: change the same lines there, then restart the site.")
	}
	return steps
}

// seriesNews is what another Django changes in the files, beside the lines
// that anybody sees.
func seriesNews(was string, a Answers) []News {
	if was == a.Django {
		return nil
	}
	from, to := slices.Index(DjangoSeries, was), slices.Index(DjangoSeries, a.Django)
	var list []News
	for i, n := range djangoNews {
		at := slices.Index(DjangoSeries, n.since)
		if from < at && at <= to && (n.when == nil || n.when(a)) {
			list = append(list, djangoNews[i].News)
		}
	}
	if to < from {
		list = append(list, News{Change: "The files are for Django " + a.Django + " again, which is older than " + was + ".", Why: "You asked for it.", Do: "Migrations of the newer series may have no way back: see that there is a backup."})
	}
	return list
}

// djangoNews is what a series changes.
var djangoNews = []struct {
	since string
	when  func(Answers) bool
	News
}{
	{"5.2", nil, News{
		Change: "STORAGES alone says where files go; STATICFILES_STORAGE and DEFAULT_FILE_STORAGE are gone since Django 5.1.",
		Why:    "They do nothing any more.",
		Do:     "Drop them from settings of your own.",
	}},
	{"6.0", func(a Answers) bool { return a.CSP != "off" }, News{
		Change: "The Content-Security-Policy is Django's own (SECURE_CSP), and django-csp leaves the requirements.",
		Why:    "With both, the inner one wins and the outer does nothing.",
		Do:     `In templates of your own write nonce="{{ csp_nonce }}" for "{{ CSP_NONCE }}", and in views the decorators of django.views.decorators.csp for django-csp's.`,
	}},
	{"6.0", nil, News{
		Change: "Django 6.0 needs Python 3.12.",
		Why:    "It runs on nothing older.",
		Do:     "Upgrade Python on the server first.",
	}},
	{"6.1", nil, News{
		Change: "Mail is set up in MAILERS; EMAIL_HOST and the like are gone from the settings, and stay in .env.",
		Why:    "Django 6.1 doesn't start with both.",
		Do:     "Drop EMAIL_* from settings of your own.",
	}},
}
