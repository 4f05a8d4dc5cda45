package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
)

// TestBrowser looks at the first page and the admin in Chromium: the policy
// stops nothing of theirs, and would stop an injected script.
func TestBrowser(t *testing.T) {
	long(t)
	for _, series := range django.AllSeries() {
		t.Run(series, func(t *testing.T) {
			t.Parallel()
			changes := row{"preset": "site", "jwt": "-", "cors-origin": "-"}
			if series == "5.2" || series == "6.1" {
				changes["admin-2fa"] = "true"
			}
			c := project(t, series, changes)
			s := serve(t, c, gunicorn(t, c))
			b := browse(t, s)
			t.Run("page", func(t *testing.T) { b.firstPage(t) })
			t.Run("control", func(t *testing.T) { b.inlineIsBlocked(t) })
			t.Run("admin", func(t *testing.T) { b.admin(t, s) })
		})
	}
}

// quiet fails the test when the policy stopped something on the page.
func (b *browser) quiet(t *testing.T, where string) {
	t.Helper()
	if v := b.eval(t, "JSON.stringify(window.violations)"); v != "[]" {
		t.Errorf("%s: the policy stopped %v", where, v)
	}
}

func (b *browser) firstPage(t *testing.T) {
	b.open(t, origin+"/")
	want(t, "title", b.eval(t, "document.title"), any("Campus"))
	if clock := b.eval(t, `document.getElementById("clock").textContent`); clock == "" {
		t.Error("the script with a nonce didn't run")
	}
	want(t, "the style with a nonce", b.eval(t, `getComputedStyle(document.getElementById("clock")).fontVariantNumeric`), any("tabular-nums"))
	want(t, "the stylesheet", b.eval(t, `getComputedStyle(document.querySelector("main")).maxWidth`), any("640px"))
	b.quiet(t, "the first page")
}

// inlineIsBlocked shows that a violation would be seen.
func (b *browser) inlineIsBlocked(t *testing.T) {
	b.open(t, origin+"/")
	b.eval(t, `new Promise(done => {
		document.addEventListener("securitypolicyviolation", () => setTimeout(done, 100))
		const script = document.createElement("script")
		script.textContent = "window.injected = true"
		document.body.append(script)
		setTimeout(done, 5000)
	})`)
	want(t, "the injected script ran", b.eval(t, "!!window.injected"), any(false))
	want(t, "violations", b.eval(t, "window.violations.length"), any(1.0))
	if v := fmt.Sprint(b.eval(t, "window.violations[0]")); !strings.HasPrefix(v, "script-src-elem inline") {
		t.Errorf("violation: %s", v)
	}
}

func (b *browser) admin(t *testing.T, s *site) {
	b.open(t, origin+s.admin)
	if at := fmt.Sprint(b.eval(t, "location.pathname")); at != s.admin+"login/" {
		t.Fatalf("the admin leads to %s", at)
	}
	b.quiet(t, "the admin's login")
	token := ""
	if s.Answers.Admin2FA {
		token = strings.TrimSpace(s.manage(t, s.Settings, "addstatictoken", s.superuser))
	}
	b.login(t, s, "")
	if s.Answers.Admin2FA {
		want(t, "after a password alone", b.eval(t, "location.pathname"), any(s.admin+"login/"))
		b.quiet(t, "the admin's login, refused")
		b.login(t, s, token)
	}
	if at := b.eval(t, "location.pathname"); at != s.admin {
		t.Fatalf("the login leads to %v: %v", at, b.eval(t, "document.body.innerText"))
	}
	b.quiet(t, "the admin's index")
	users := "auth/user/"
	if u, ok := s.Expect["user"].(string); ok {
		users = u + "/"
	}
	for _, page := range []string{users, users + "1/change/", users + "add/", "password_change/", users + "?q=root"} {
		b.open(t, origin+s.admin+page)
		if text := fmt.Sprint(b.eval(t, "document.body.innerText")); !strings.Contains(text, "Campus") {
			t.Errorf("%s: %.300s", page, text)
		}
		b.quiet(t, page)
	}
	// The admin's own scripts run: the two-box picker of permissions is theirs.
	b.open(t, origin+s.admin+users+"1/change/")
	if n := b.eval(t, `document.querySelectorAll(".selector").length`); n == 0.0 {
		t.Error("the admin's scripts didn't run")
	}
}

// login fills in the form that is there, as a person would.
func (b *browser) login(t *testing.T, s *site, token string) {
	t.Helper()
	b.loads(t, func() {
		b.eval(t, fmt.Sprintf(`(() => {
			const set = (name, value) => { const f = document.querySelector("[name=" + name + "]"); if (f) f.value = value }
			set("username", %q); set("password", %q); set("otp_token", %q)
			const device = document.querySelector("select[name=otp_device]")
			if (device && device.options.length) device.selectedIndex = device.options.length - 1
			document.querySelector("[type=submit]").click()
		})()`, s.superuser, password, token))
	})
}
