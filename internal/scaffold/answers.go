package scaffold

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

// Answers is everything a person decides about a project. Each field is one
// option (see Options): a flag, a DJHARDEN_* variable, a key of djharden.toml
// and a question. A value in an Answers that Validate accepted is safe for
// every target it is rendered into.
type Answers struct {
	Name               string   // Python identifier: display name, log folder
	Preset             string   // lms, site or api
	Django             string   // series: 4.2, 5.2, 6.0, 6.1
	Domains            []string // bare host names, lower case, in the order given
	ProxyHops          int      // trusted proxies in front; 0: Django faces the internet
	DatabaseURL        string   // secret; "": not given, DATABASE_URL in .env stays empty
	DatabaseTLS        string   // verify-full, require or off
	DatabaseCA         string   // CA bundle on the server, a path; "": the system's
	RedisURL           string   // secret; "": none, counters live in the database
	JWT                bool
	Lockout            bool
	Ratelimit          bool
	Admin2FA           bool
	CORSOrigins        []string // https://host[:port]
	CSRFTrustedOrigins []string // only where an API has session authentication
	CSP                string   // enforce, report-only or off
	HSTS               string   // off, 1h, 1d, 30d, 1y, subdomains, preload
	AdminPath          string   // "staff-x7/"; "": a random one is made. Lives in .env only
	SecurityLog        string   // absolute path on the server; "": stdout only
	UploadLimit        int64    // bytes of one file; 0: no limit of djharden's
	Settings           string   // adopted: the dotted settings module found or named; "" for a new project
	Package            string   // a new project's, where it isn't config any more; ""
	Keep               []string // paths of files that the user took over
	HSTSSince          string   // the day the stage was written, 2026-11-25; "" when that isn't known

	found found // what ApplyPreset goes by
}

// found is what an adopted project has already.
type found struct {
	adopted bool
	jwt     bool
	origins []string
}

// API reports whether the project has an API (Django REST framework).
func (a Answers) API() bool { return a.Preset != "site" }

// Defaults returns the answers before anything is asked, for the project as it
// was found; p may be nil. Those that depend on other answers are filled by
// ApplyPreset. Name is empty where the project has none: see DefaultName. A Django
// series that djharden doesn't write for is kept, for Validate to refuse in words.
func Defaults(p *django.Project) Answers {
	a := Answers{
		Preset:      "lms",
		Django:      "5.2",
		ProxyHops:   1,
		DatabaseTLS: "verify-full",
		CSP:         "enforce",
		HSTS:        "1h",
		UploadLimit: 10 << 20,
	}
	if p != nil && p.Kind == django.Single {
		a.adopt(p)
	}
	ApplyPreset(&a, nil)
	return a
}

// adopt takes what the project has over the defaults. Its pages weren't written
// for a CSP and its uploads may be large, so both begin without a refusal.
func (a *Answers) adopt(p *django.Project) {
	a.CSP, a.UploadLimit = "report-only", 0
	a.Settings = p.Module
	if p.Name != "" {
		a.Name = DefaultName(p.Name)
	}
	if p.Series != "" {
		a.Django = p.Series
	}
	if p.Preset != "" {
		a.Preset = p.Preset
	}
	a.found = found{adopted: true, jwt: p.HasJWT}
	for _, o := range p.Origins {
		if o, err := CheckOrigin(o); err == nil {
			a.found.origins = append(a.found.origins, o)
		}
	}
}

// ApplyPreset fills the answers that follow from others, for the keys that
// nobody answered: set holds the keys that somebody did. It may be called
// again after each answer. An adopted project keeps the sign-in of its API and
// the origins that it lists.
func ApplyPreset(a *Answers, set map[string]bool) {
	if !set["jwt"] {
		a.JWT = a.API() && (!a.found.adopted || a.found.jwt)
	}
	if !set["lockout"] {
		a.Lockout = true
	}
	if !set["ratelimit"] {
		a.Ratelimit = a.Preset == "lms" && a.RedisURL != ""
	}
	if !set["admin_2fa"] {
		a.Admin2FA = false
	}
	if !set["cors_origin"] {
		a.CORSOrigins = nil
		if a.API() {
			a.CORSOrigins = a.found.origins
		}
		if a.API() && len(a.CORSOrigins) == 0 {
			a.CORSOrigins = originsOf(a.Domains)
		}
	}
}

// originsOf returns https:// and each domain; .example.com counts as example.com.
func originsOf(domains []string) []string {
	var out []string
	for _, d := range domains {
		if o := "https://" + strings.TrimPrefix(d, "."); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	return out
}
