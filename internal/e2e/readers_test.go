package e2e

import (
	"cmp"
	"path/filepath"
	"strings"
	"testing"
)

// readers are projects on 5.2 that read their environment in other ways, and
// what is different about each.
var readers = map[string]struct {
	pkg     string
	env     string // what a server says besides .env
	answers row
	surface map[string]string
	expect  map[string]any
	changed []string // settings that development may have otherwise, because .env has them now
	skip    string   // probes that the project is no case of
}{
	"decouple": {
		pkg: "core", env: "DJANGO_DEBUG=0", answers: row{"preset": "site", "jwt": "-"}, changed: []string{"ALLOWED_HOSTS"},
		expect: map[string]any{ // what it had was stricter, and stays
			"headers":  map[string]any{"Strict-Transport-Security": "max-age=31536000; includeSubDomains"},
			"silenced": []string{"security.W021"}, "samesite": "Strict",
			"holds": []string{
				`settings.DATABASES["default"]["ATOMIC_REQUESTS"] is True`,
				`settings.MAILGUN_API_KEY == "key-3ax6xnjp29jd6fds4gc373sgvjxteol0"`,
				`{"min_length": 16} in [v.get("OPTIONS") for v in settings.AUTH_PASSWORD_VALIDATORS]`,
			},
		},
	},
	"environ": {
		pkg: "config", answers: row{"preset": "api", "jwt": "true", "redis": "redis"}, changed: []string{"ALLOWED_HOSTS", "CACHES", "DEBUG"},
		surface: map[string]string{"me": "/api/probe/me/"},
		expect: map[string]any{
			"holds": []string{
				`settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["anon"] == "5/min"`,
				`settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds() == 300`,
				`settings.STORAGES["default"]["OPTIONS"] == {"location": "/srv/uploads"}`,
				`settings.SECURE_HSTS_SECONDS == 3600`,
			},
		},
		// Five anonymous calls a minute, its own rate, are too few for these.
		skip: "user throttle,who is signed in,token lifetimes,token expires,token rotation,inactive user,uploads are not served",
	},
	"dotenv": {
		pkg: "shop", env: "DEBUG=0", answers: row{"preset": "api", "jwt": "false"}, changed: []string{"ALLOWED_HOSTS"},
		// A script of an API with session authentication reads this cookie by its name.
		expect: map[string]any{
			"csrf_cookie": "csrftoken",
			"holds": []string{
				`settings.SITE_ID == 1 and "django.contrib.sites" in settings.INSTALLED_APPS`,
				`settings.AWS_SECRET_ACCESS_KEY == "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"`,
			},
		},
	},
}

// TestAdoptedReaders adopts projects with decouple, django-environ and
// python-dotenv, and a .env of theirs.
func TestAdoptedReaders(t *testing.T) {
	long(t)
	for name, f := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := row{"django": "5.2", "csrf-trusted-origin": "-", "cors-origin": "-"}
			for _, o := range oldProject() {
				r[o.name] = cmp.Or(f.answers[o.name], r[o.name], o.values[0])
			}
			r["preset"], r["jwt"] = f.answers["preset"], f.answers["jwt"]
			c := makeCell(t, r, filepath.Join(t.TempDir(), "campus"))
			c.Kind, c.Settings, c.Expect, c.Surface = "adopted", f.pkg+".settings.prod", f.expect, f.surface
			c.Skip = map[string]string{}
			for name := range strings.SplitSeq(f.skip, ",") {
				c.Skip[name] = "too few calls"
			}
			if c.Surface == nil {
				c.Surface = map[string]string{"page": ""}
			}
			c.args = without(c.args, "--preset=", "--jwt=", "--cors-origin=")
			c.unpack(t, "../scaffold/testdata/adopt/"+name+".txtar")
			c.adopt(t, f.changed...)
			c.Env = strings.Fields(f.env)
			c.prove(t)
		})
	}
}
