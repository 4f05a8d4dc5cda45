package e2e

import (
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// TestDatabaseIsVerified connects as the settings say, to a server whose
// certificate is right, of another authority, or for another name.
func TestDatabaseIsVerified(t *testing.T) {
	long(t)
	pg := postgres(t)
	right, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := stranger()
	if err != nil {
		t.Fatal(err)
	}
	for _, series := range django.AllSeries() {
		t.Run(series, func(t *testing.T) {
			t.Parallel()
			name := pg.database(t, "app")
			c := project(t, series, row{})
			args := []string{python(t, series), "manage.py", "migrate", "--verbosity=0", "config"}
			url := func(host, mode string) string { return "DATABASE_URL=" + pg.url("app", host, name, mode) }
			for what, k := range map[string]struct{ env, says string }{
				"right":             {url("localhost", "?sslmode=verify-full") + " DATABASE_CA_FILE=" + right.file, ""},
				"another authority": {url("localhost", "?sslmode=verify-full") + " DATABASE_CA_FILE=" + wrong.file, "certificate verify failed"},
				"another name":      {url("127.0.0.1", "?sslmode=verify-full") + " DATABASE_CA_FILE=" + right.file, "does not match host name"},
				"no authority":      {url("localhost", "?sslmode=verify-full") + " DATABASE_CA_FILE=/no/such.pem", "/no/such.pem"},
				"no TLS asked for":  {url("localhost", "?sslmode=disable") + " DATABASE_CA_FILE=" + right.file, "DATABASE_URL: Must end in ?sslmode=verify-full."},
			} {
				out, err := c.run(args, append(strings.Fields(k.env), "DJANGO_SETTINGS_MODULE="+c.Settings)...)
				if k.says == "" && err != nil {
					t.Errorf("%s: %v\n%s", what, err, out)
				}
				if k.says != "" && (err == nil || !strings.Contains(out, k.says)) {
					t.Errorf("%s: %v, and it doesn't say %q:\n%s", what, err, k.says, out)
				}
				if strings.Contains(out, dbPassword) {
					t.Errorf("%s: the password is shown:\n%s", what, out)
				}
			}
		})
	}
}
