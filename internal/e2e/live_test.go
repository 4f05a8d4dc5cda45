package e2e

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestLive serves the lms preset behind nginx, as its README says, and visits
// it over real HTTPS.
func TestLive(t *testing.T) {
	long(t)
	changes := row{"redis": "redis", "ratelimit": "true", "hsts": "1h"}
	for _, series := range []string{"5.2", "6.1"} {
		t.Run("gunicorn "+series, func(t *testing.T) {
			t.Parallel()
			c := project(t, series, changes)
			serve(t, c, gunicorn(t, c)).visit(t)
		})
	}
	t.Run("uvicorn 6.1", func(t *testing.T) {
		t.Parallel()
		c := project(t, "6.1", changes)
		serve(t, c, uvicorn(t, c)).visit(t)
	})
	t.Run("gunicorn 5.2 with the database's cache", func(t *testing.T) {
		t.Parallel()
		c := project(t, "5.2", row{})
		s := serve(t, c, gunicorn(t, c))
		t.Run("tokens", s.tokens)
		t.Run("throttle", s.throttled)
	})
}

// TestLiveAdopted does the same for the reference project, grown without
// djharden and hardened by it; its pages in Chromium, too.
func TestLiveAdopted(t *testing.T) {
	long(t)
	for _, series := range []string{"5.2", "6.1"} {
		t.Run(series, func(t *testing.T) {
			t.Parallel()
			r := row{"cors-origin": "default", "layout": "reference", "csp": "enforce", "admin-2fa": "true", "redis": "redis", "upload-limit": "10MB"}
			for _, f := range oldProject() {
				r[f.name] = cmp.Or(r[f.name], f.values[0])
			}
			r["django"], r["csrf-trusted-origin"] = series, "-"
			c := adopted(t, r)
			c.make(t)
			s := serve(t, c, gunicorn(t, c))
			s.visit(t)
			b := browse(t, s)
			t.Run("browser", func(t *testing.T) { b.admin(t, s) })
		})
	}
}

func (s *site) visit(t *testing.T) {
	t.Helper()
	t.Run("redirect", s.redirects)
	t.Run("headers", s.headers)
	t.Run("tokens", s.tokens)
	t.Run("static", s.static)
	t.Run("uploads", s.uploads)
	t.Run("hosts", s.hosts)
	t.Run("CORS", s.cors)
	t.Run("throttle", s.throttled) // last: it uses up what this address may do
}

const origin = "https://example.com"

func (s *site) redirects(t *testing.T) {
	client := s.client(t)
	path := s.admin + "login/?a=1"
	answer, _ := ask(t, client, "GET", "http://example.com"+path, "")
	want(t, "plain HTTP", answer.StatusCode, http.StatusMovedPermanently)
	want(t, "Location", answer.Header.Get("Location"), origin+path)
	answer, _ = ask(t, client, "GET", answer.Header.Get("Location"), "")
	want(t, "where it leads", answer.StatusCode, http.StatusOK)
	if health := s.Surface["healthz"]; health != "" {
		answer, body := ask(t, client, "GET", origin+health, "")
		want(t, "healthz", answer.StatusCode, http.StatusOK)
		want(t, "healthz", body, "ok")
	}
	answer, _ = ask(t, client, "GET", "http://"+s.appAddress+path, "", "Host", "example.com")
	want(t, "around the proxy", answer.StatusCode, http.StatusMovedPermanently)
	// What a client claims about its scheme and address, nginx overwrites.
	answer, _ = ask(t, client, "GET", origin+path, "", "X-Forwarded-Proto", "http", "X-Forwarded-Ssl", "off")
	want(t, "forged headers", answer.StatusCode, http.StatusOK)
}

func (s *site) headers(t *testing.T) {
	answer, body := ask(t, s.client(t), "GET", origin+s.admin+"login/", "")
	want(t, "status", answer.StatusCode, http.StatusOK)
	for name, value := range map[string]string{
		"Strict-Transport-Security": "max-age=3600", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "strict-origin-when-cross-origin", "Cross-Origin-Opener-Policy": "same-origin", "Server": "nginx",
	} {
		want(t, name, strings.Join(answer.Header.Values(name), "|"), value)
	}
	policy := answer.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("no %q in the policy %q", part, policy)
		}
	}
	if !strings.Contains(answer.Header.Get("Permissions-Policy"), "camera=()") {
		t.Errorf("Permissions-Policy: %q", answer.Header.Get("Permissions-Policy"))
	}
	cookie := answer.Header.Get("Set-Cookie")
	for _, part := range []string{"__Host-csrftoken=", "; Secure", "; Path=/", "; SameSite=Lax"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("no %q in the cookie %q", part, cookie)
		}
	}
	if strings.Contains(cookie, "Domain") {
		t.Errorf("the cookie names a domain: %q", cookie)
	}
	if !strings.Contains(body, "Campus administration") {
		t.Errorf("no title: %.300s", body)
	}
	answer, _ = ask(t, s.client(t), "GET", origin+"/admin/", "")
	want(t, "/admin/", answer.StatusCode, http.StatusNotFound)
}

// tokens goes round once: in, who am I, on, the old one is dead, out.
func (s *site) tokens(t *testing.T) {
	client := s.client(t)
	post := func(path, body string) (int, map[string]string) {
		answer, text := ask(t, client, "POST", origin+path, body)
		got := map[string]string{}
		_ = json.Unmarshal([]byte(text), &got)
		return answer.StatusCode, got
	}
	status, pair := post("/api/token/", fmt.Sprintf(`{"username":%q,"password":%q}`, s.superuser, password))
	want(t, "login", status, http.StatusOK)
	if s.Kind == "new" {
		answer, body := ask(t, client, "GET", origin+"/api/me/", "", "Authorization", "Bearer "+pair["access"])
		want(t, "me", answer.StatusCode, http.StatusOK)
		want(t, "me", body, fmt.Sprintf(`{"username":%q}`, s.superuser))
		answer, _ = ask(t, client, "GET", origin+"/api/me/", "")
		want(t, "anonymous", answer.StatusCode, http.StatusUnauthorized)
	} else {
		title := `{"title":"Geometría"}`
		answer, _ := ask(t, client, "POST", origin+"/api/courses/", title, "Authorization", "Bearer "+pair["access"])
		want(t, "a course", answer.StatusCode, http.StatusCreated)
		answer, _ = ask(t, client, "POST", origin+"/api/courses/", title)
		want(t, "anonymous", answer.StatusCode, http.StatusUnauthorized)
	}
	first := fmt.Sprintf(`{"refresh":%q}`, pair["refresh"])
	status, next := post("/api/token/refresh/", first)
	want(t, "refresh", status, http.StatusOK)
	status, _ = post("/api/token/refresh/", first)
	want(t, "the old one", status, http.StatusUnauthorized)
	if s.Surface["blacklist"] == "" {
		return
	}
	last := fmt.Sprintf(`{"refresh":%q}`, next["refresh"])
	status, _ = post("/api/token/blacklist/", last)
	want(t, "out", status, http.StatusOK)
	status, _ = post("/api/token/refresh/", last)
	want(t, "after it", status, http.StatusUnauthorized)
}

var stylesheet = regexp.MustCompile(`/static/admin/css/base\.[0-9a-f]{12}\.css`)

func (s *site) static(t *testing.T) {
	client := s.client(t)
	_, page := ask(t, client, "GET", origin+s.admin+"login/", "")
	url := stylesheet.FindString(page)
	if url == "" {
		t.Fatalf("no hashed stylesheet: %.500s", page)
	}
	answer, _ := ask(t, client, "GET", origin+url, "", "Accept-Encoding", "gzip")
	want(t, "status", answer.StatusCode, http.StatusOK)
	want(t, "Content-Encoding", answer.Header.Get("Content-Encoding"), "gzip")
	want(t, "Cache-Control", answer.Header.Get("Cache-Control"), "max-age=315360000, public, immutable")
}

// uploads are stopped by Django over its limit, and by nginx over a little more.
func (s *site) uploads(t *testing.T) {
	for size, status := range map[int]int{
		s.Answers.UploadLimit - 1: http.StatusBadRequest, // it is read, and the fields are missing
		s.Answers.UploadLimit + 1: http.StatusBadRequest,
		12 << 20:                  http.StatusRequestEntityTooLarge,
	} {
		body := "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n" + strings.Repeat("x", size) + "\r\n--x--\r\n"
		answer, text := ask(t, s.client(t), "POST", origin+"/api/token/", body, "Content-Type", "multipart/form-data; boundary=x")
		want(t, fmt.Sprintf("%d bytes", size), answer.StatusCode, status)
		if read := strings.Contains(text, "username"); status == http.StatusBadRequest && read != (size <= s.Answers.UploadLimit) {
			t.Errorf("%d bytes: %.200s", size, text)
		}
	}
}

// hosts that aren't the site's get nothing, and a line in the log.
func (s *site) hosts(t *testing.T) {
	before := len(s.app.log.String())
	answer, _ := ask(t, s.client(t), "GET", origin+s.admin, "", "Host", "evil.example")
	want(t, "status", answer.StatusCode, http.StatusBadRequest)
	// The answer can be here before what its worker wrote has come through the pipe.
	log := ""
	for range 100 {
		log = s.app.log.String()[before:]
		if strings.Contains(log, "django.security.DisallowedHost") && strings.Contains(log, "evil.example") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("no line in the log: %q", log)
}

func (s *site) cors(t *testing.T) {
	for from, allowed := range map[string]string{origin: origin, "https://evil.example": "", "null": ""} {
		answer, _ := ask(t, s.client(t), "OPTIONS", origin+"/api/token/", "", "Origin", from, "Access-Control-Request-Method", "POST")
		want(t, "preflight from "+from, answer.Header.Get("Access-Control-Allow-Origin"), allowed)
		answer, _ = ask(t, s.client(t), "GET", origin+"/api/token/", "", "Origin", from)
		want(t, "from "+from, answer.Header.Get("Access-Control-Allow-Origin"), allowed)
	}
}

// throttled counts once for all workers, whatever address a client claims.
func (s *site) throttled(t *testing.T) {
	counts := map[int]int{}
	for i := range 24 {
		answer, _ := ask(t, s.client(t), "POST", origin+"/api/token/", `{"username":"x"}`, "X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i), "X-Real-Ip", fmt.Sprintf("203.0.113.%d", i))
		counts[answer.StatusCode]++
	}
	if counts[http.StatusTooManyRequests] < 4 || counts[http.StatusBadRequest]+counts[http.StatusTooManyRequests] != 24 {
		t.Errorf("24 logins in a row: %v", counts)
	}
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
