package scaffold

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pysrc"
)

// context is what the templates of a new project read: the answers as
// capabilities, never a comparison of versions.
type context struct {
	Answers
	Facts   django.Facts
	Version string // djharden's

	Title    string // the project's name for people
	AdminDoc string
	Series   string // Django's
	Site     bool   // pages of its own
	API      bool
	Session  bool // an API with session authentication
	TwoFactor,
	Redis bool
	TLS    string // to the database
	CAFile bool   // the database's certificate is checked against DATABASE_CA_FILE

	CSP         string // enforce, report-only; "" for none
	Policy      []directive
	Nonce       string // the attribute of an inline script or style, with its blank
	HSTS        hstsStage
	Silenced    []silence
	UploadLimit string // a Python expression; "" for no limit
	SmallBodies bool   // the limit is under Django's own for a body
	SecurityLog string // a Python literal; ""

	UploadMegabytes int64  // for the proxy: room for a file and the form around it; 0 for no limit
	UploadSize      string // for people: 10MB
	Gunicorn        string // the command that serves the site
}

type directive struct {
	Directive string
	Sources   []string // Python expressions
}

type silence struct{ ID, Why string }

// djangoBodyLimit is the default of DATA_UPLOAD_MAX_MEMORY_SIZE, in bytes.
const djangoBodyLimit = 2621440

func newContext(in Input, facts django.Facts) context {
	a := in.Answers
	c := context{
		Answers: a, Facts: facts, Version: in.Version,
		Title: title(a.Name), Series: a.Django, Site: !a.API(), API: a.API(), Session: a.API() && !a.JWT,
		TwoFactor: a.Admin2FA, Redis: a.RedisURL != "", TLS: a.DatabaseTLS,
		CAFile: wantsCA(a), HSTS: hstsStages[a.HSTS],
		UploadLimit: bytesExpr(a.UploadLimit), SmallBodies: a.UploadLimit > 0 && a.UploadLimit < djangoBodyLimit,
	}
	if a.CSP != "off" {
		c.CSP = a.CSP
		c.Policy = policy(facts.BuiltinCSP)
		c.Nonce = nonce(facts)
	}
	if a.SecurityLog != "" {
		c.SecurityLog = pysrc.Quote(a.SecurityLog)
	}
	if a.UploadLimit > 0 {
		c.UploadMegabytes, c.UploadSize = (a.UploadLimit+(1<<20)-1)>>20+1, FormatSize(a.UploadLimit)
	}
	c.Gunicorn = gunicorn(a)
	c.AdminDoc = adminDoc(a)
	c.Silenced = silences(a, c.HSTS)
	return c
}

// title makes a name for people of the project's: lms -> LMS, my_site -> My site.
func title(name string) string {
	if len(name) <= 3 {
		return strings.ToUpper(name)
	}
	words := strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	if words == "" {
		return name
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

func adminDoc(a Answers) string {
	parts := []string{}
	if a.Admin2FA {
		parts = append(parts, "a second factor")
	}
	if a.Ratelimit {
		parts = append(parts, "a brake on guessing")
	}
	if len(parts) == 1 {
		return parts[0] + ", and its own name"
	}
	return strings.Join(append(parts, "its own name"), ", ")
}

// policy is the Content-Security-Policy, in the constants of Django or of
// django-csp. Nothing falls back to default-src by accident: every directive
// a page may need is named.
func policy(builtin bool) []directive {
	name := func(constant string) string {
		if builtin {
			return "CSP." + constant
		}
		return constant
	}
	none, self, nonce := []string{name("NONE")}, []string{name("SELF")}, []string{name("SELF"), name("NONCE")}
	return []directive{
		{"default-src", none},
		{"script-src", nonce},
		{"style-src", nonce},
		{"img-src", []string{name("SELF"), `"data:"`}},
		{"font-src", self},
		{"media-src", self},
		{"connect-src", self},
		{"form-action", self},
		{"base-uri", none},
		{"frame-ancestors", none},
	}
}

func nonce(f django.Facts) string {
	switch {
	case f.NonceTag:
		return " {% csp_nonce_attr %}"
	case f.BuiltinCSP:
		return ` nonce="{{ csp_nonce }}"`
	}
	return ` nonce="{{ CSP_NONCE }}"`
}

// hstsStage is one step of the HSTS ramp.
type hstsStage struct {
	Stage               string
	Next                string // "" at the end
	Seconds             string // a Python literal; "" when off
	Subdomains, Preload bool
}

var hstsStages = map[string]hstsStage{
	"off":        {Stage: "off", Next: "1h"},
	"1h":         {Stage: "1h", Next: "1d", Seconds: "3600"},
	"1d":         {Stage: "1d", Next: "30d", Seconds: "86_400"},
	"30d":        {Stage: "30d", Next: "1y", Seconds: "2_592_000"},
	"1y":         {Stage: "1y", Next: "subdomains", Seconds: "31_536_000"},
	"subdomains": {Stage: "subdomains", Next: "preload", Seconds: "31_536_000", Subdomains: true},
	"preload":    {Stage: "preload", Seconds: "31_536_000", Subdomains: true, Preload: true},
}

// silences are the warnings of check --deploy that an answer took on purpose.
func silences(a Answers, h hstsStage) []silence {
	var list []silence
	switch {
	case h.Seconds == "":
		list = append(list, silence{"security.W004", "no HSTS yet"})
	case !h.Subdomains:
		list = append(list, silence{"security.W005", "comes with HSTS stage subdomains"}, silence{"security.W021", "comes with HSTS stage preload"})
	case !h.Preload:
		list = append(list, silence{"security.W021", "comes with HSTS stage preload"})
	}
	if a.Ratelimit {
		list = append(list, silence{"django_ratelimit.W001", "it doesn't know Django's own Redis cache"})
	}
	return list
}

// bytesExpr writes a size as a person would: 10 * 1024 * 1024.
func bytesExpr(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n%(1<<20) == 0:
		return fmt.Sprintf("%d * 1024 * 1024", n>>20)
	case n%(1<<10) == 0:
		return fmt.Sprintf("%d * 1024", n>>10)
	}
	return fmt.Sprint(n)
}
