// Package django says what the project on disk is (layout, settings values,
// URLs, dependencies) and holds Django's facts by version. It runs nothing
// and writes nothing.
package django

// Kind is what a folder holds.
type Kind uint8

const (
	Empty  Kind = iota // no Django project: init makes one (other files may be there)
	Single             // manage.py and one settings.py: init adopts it
	Made               // djharden.toml is there: made or adopted by djharden before
)

// Project is a folder as init finds it. Fields after Files are set for Single,
// and for a Made project that was adopted.
type Project struct {
	Kind   Kind
	HasEnv bool              // .env is there
	Files  map[string][]byte // what was read and may matter to a decision, by slash path: .env, .gitignore, requirements.txt, README.md, djharden.toml, the files to patch...

	// Of a Made project:
	Records  map[string][]byte // what the last render is known to have been: .djharden/base, by path
	Paths    []string          // every file, sorted
	Overlays []string          // settings modules laid out as djharden does it: "config.settings"
	Unread   error             // why an adopted project can't be rendered again, or its dependencies read; nil

	Name     string // the package's own name: "school"
	Package  string // dotted: "school"
	Dir      string // the package's folder, from the root
	Module   string // the settings module: "school.settings"
	Path     string // its file: "school/settings.py", or "school/settings/base.py" when Made
	Settings *Settings
	Reader   Reader   // how the settings read the environment
	Entries  []*Entry // manage.py first, then wsgi.py, asgi.py, celery.py
	URLs     *URLs
	Deps     *Deps

	Series     string // of Django: "5.2"; "" when it can't be told
	SeriesFrom string // where that is said: "requirements.txt:3"

	Preset  string   // what it looks like: lms, api or site
	HasAPI  bool     // Django REST framework is installed
	HasJWT  bool     // Simple JWT is used
	HasCORS bool     // django-cors-headers is installed
	Origins []string // https:// origins that CORS_ALLOWED_ORIGINS lists

	ModuleMentions []Mention // configuration that names the old settings module
	AdminMentions  []Mention // code and configuration that names /admin
	HealthChecks   []Mention // container checks over plain HTTP
	Taken          []string  // files of the package's folder, for names not to take
	SeesCSRFCookie bool      // a template or script reads the CSRF cookie by name
	CustomHeader   bool      // site_header is set somewhere
	OwnSite        string    // where the project changes the admin's site itself; ""
}

// Mention is a line that a person should look at.
type Mention struct {
	Path string
	Line int
	Text string
}
