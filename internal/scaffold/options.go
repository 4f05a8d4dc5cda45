package scaffold

import "strings"

// OptionKind is the type of an answer.
type OptionKind uint8

const (
	Text OptionKind = iota
	List            // comma-separated on the command line, an array in djharden.toml
	Bool
	Int
	Size   // bytes, written 10MB
	Choice // one of Option.Choices
)

// Option is one answer: the flag, the variable, the key of djharden.toml, the
// question, their help and their tests all read this one value.
type Option struct {
	Key      string     // in djharden.toml: "database_url"
	Kind     OptionKind //
	Choices  []string   // of a Choice, the default or the safest first
	Default  string     // what help shows: "random", "by preset"
	Usage    string     // one line for --help
	Question string     // what the prompter asks
	Security string     // one sentence: what goes wrong with the wrong answer
	Secret   bool       // holds a password: never shown, never written whole to djharden.toml
	Unsaved  bool       // never written to djharden.toml at all; it lives in .env
	Unasked  bool       // a key of djharden.toml and nothing else: no flag, no variable, no question
	Metavar  string     // what stands for the value in --help: "URL"

	// Get returns the answer as text, lists joined by commas; "" is none.
	Get func(Answers) string
	// Set parses, checks and normalises text and stores it. Its error is an
	// *OptionError, which never shows the value of a secret.
	Set func(*Answers, string) error
}

// Flag returns the name of the option on the command line, without dashes.
func (o Option) Flag() string { return strings.ReplaceAll(o.Key, "_", "-") }

// Env returns the name of the environment variable that answers the option.
func (o Option) Env() string { return "DJHARDEN_" + strings.ToUpper(o.Key) }

// FindOption returns the option with a key of djharden.toml, or nil.
func FindOption(key string) *Option {
	for i := range Options {
		if Options[i].Key == key {
			return &Options[i]
		}
	}
	return nil
}

// Options are all answers, in the order the prompter asks for them.
var Options = []Option{
	text("name", func(a *Answers) *string { return &a.Name }, CheckName, Option{
		Default:  "from the folder",
		Usage:    "the project's name, a Python identifier: display name and log folder",
		Question: "Project name",
		Security: "It names files and Python modules, so one that hides a module of Python or of Django would break imports in ways that are hard to see.",
		Metavar:  "NAME",
	}),
	list("domain", func(a *Answers) *[]string { return &a.Domains }, CheckDomain, Option{
		Default:  "none, required",
		Usage:    "a host name the site answers to (again, or comma-separated); .example.com takes all its subdomains too",
		Question: "Domains, comma-separated",
		Security: "Django answers to these hosts and to no other: a host too many (or *) lets an attacker's Host header into password-reset links.",
		Metavar:  "HOST",
	}),
	{
		Key: "proxy_hops", Kind: Int, Default: "1",
		Usage:    "how many trusted proxies stand in front; 0: Django faces the internet",
		Question: "Trusted proxies in front (0: none)",
		Security: "One too many and a client forges its address past throttles and lockout, one too few and all visitors share one address and lock each other out.",
		Metavar:  "N",
		Get:      func(a Answers) string { return formatInt(a.ProxyHops) },
		Set:      setHops,
	},
	{
		Key: "database_url", Kind: Text, Secret: true, Unsaved: true, Default: "none: the line in .env stays empty",
		Usage:    "production's PostgreSQL, postgres://USER:PASSWORD@HOST/NAME; on the command line it stays in the shell's history",
		Question: "Database URL, typed hidden (empty: fill in .env later)",
		Security: "It goes to .env alone (mode 0600, ignored by git); until it is filled in, production refuses to start rather than fall back to SQLite.",
		Metavar:  "URL",
		Get:      func(a Answers) string { return a.DatabaseURL },
		Set:      setDatabaseURL,
	},
	text("database_ca", func(a *Answers) *string { return &a.DatabaseCA }, CheckPath, Option{
		Default:  "the system's bundle",
		Usage:    "the file of certificate authorities, on the server, that the database's certificate is checked against",
		Question: "CA file for the database, on the server (empty: the system's)",
		Security: "Without the right authority anyone on the path can pass for the database and read every password hash; managed databases often have a CA file of their own.",
		Metavar:  "FILE",
	}),
	choice("database_tls", func(a *Answers) *string { return &a.DatabaseTLS }, []string{"verify-full", "require", "off"}, Option{
		Default:  "verify-full",
		Usage:    "how the database connection is protected; off only for this machine",
		Question: "TLS to the database",
		Security: "verify-full checks the certificate and the host name, require encrypts but believes any server that answers, off sends the password and all data in the clear.",
	}),
	{
		Key: "redis_url", Kind: Text, Secret: true, Default: "none: counters live in the database",
		Usage:    "Redis for shared counters, redis://, rediss:// (TLS) or unix://",
		Question: "Redis URL (empty: none)",
		Security: "Django unpickles what it finds there, so whoever can write to this Redis runs code in the site: give it a password, and TLS (rediss://) off this machine.",
		Metavar:  "URL",
		Get:      func(a Answers) string { return a.RedisURL },
		Set:      setRedisURL,
	},
	text("django", func(a *Answers) *string { return &a.Django }, CheckSeries, Option{
		Kind: Choice, Choices: DjangoSeries,
		Default:  "what is found, else 5.2 (LTS)",
		Usage:    "the Django series to write for",
		Question: "Django series",
		Security: "A series out of support gets no security fixes: 4.2 ended in April 2026, 5.2 is the long-term one.",
	}),
	choice("preset", func(a *Answers) *string { return &a.Preset }, []string{"lms", "site", "api"}, Option{
		Default:  "lms",
		Usage:    "lms: API with tokens and throttles, and with Redis django-ratelimit; api: the same without that; site: server-rendered pages, no API",
		Question: "Preset",
		Security: "What isn't installed can't be attacked: take site when there is no API.",
	}),
	boolean("jwt", func(a *Answers) *bool { return &a.JWT }, Option{
		Default:  "on for lms and api",
		Usage:    "JSON web tokens for the API; off: session cookies",
		Question: "JWT for the API",
		Security: "An access token can't be taken back, so it lives 15 minutes and its refresh token works once; with session cookies instead, every form and call needs a CSRF token.",
	}),
	list("cors_origin", func(a *Answers) *[]string { return &a.CORSOrigins }, CheckOrigin, Option{
		Default:  "https:// and each domain, where there is an API",
		Usage:    "an origin whose pages may call the API (again, or comma-separated)",
		Question: "Origins that may call the API, comma-separated",
		Security: "A page of a listed origin can call the API with the visitor's cookies and read the answer: list your own front ends only.",
		Metavar:  "URL",
	}),
	list("csrf_trusted_origin", func(a *Answers) *[]string { return &a.CSRFTrustedOrigins }, CheckOrigin, Option{
		Default:  "none",
		Usage:    "an origin whose pages may post with a session cookie; only for an API with --jwt=false",
		Question: "Origins that may post with a session cookie, comma-separated",
		Security: "A listed origin may also post to the admin's forms in a signed-in user's name: a front end on the site's own host needs no entry.",
		Metavar:  "URL",
	}),
	choice("csp", func(a *Answers) *string { return &a.CSP }, []string{"enforce", "report-only", "off"}, Option{
		Default:  "enforce; report-only for an adopted project",
		Usage:    "Content-Security-Policy with nonces",
		Question: "Content-Security-Policy",
		Security: "Enforced, an injected script doesn't run, nor does your own inline script without a nonce; report-only breaks nothing and stops nothing.",
	}),
	boolean("lockout", func(a *Answers) *bool { return &a.Lockout }, Option{
		Default:  "on",
		Usage:    "lock a user name and address out for 15 minutes after 5 failed logins (django-axes)",
		Question: "Lock out after failed logins",
		Security: "Without it a password can be guessed at the speed of the server.",
	}),
	boolean("admin_2fa", func(a *Answers) *bool { return &a.Admin2FA }, Option{
		Default:  "off",
		Usage:    "a second factor for the admin (django-otp); enrol before you need it",
		Question: "Second factor for the admin (recommended)",
		Security: "With it a stolen password alone doesn't open the admin, and nobody gets in before enrolling with the commands that follow the write; API tokens still need the password only.",
	}),
	boolean("ratelimit", func(a *Answers) *bool { return &a.Ratelimit }, Option{
		Default:  "on for lms with Redis",
		Usage:    "limit posts to the admin's login by address (django-ratelimit); needs --redis-url",
		Question: "Limit posts to the admin's login",
		Security: "Lockout counts per user name and address; this also slows one address that tries many names, and it needs Redis, because a counter per process counts nothing.",
	}),
	text("security_log", func(a *Answers) *string { return &a.SecurityLog }, CheckPath, Option{
		Default:  "stdout only",
		Usage:    "also write warnings to this file on the server, such as /var/log/NAME/security.log",
		Question: "Security log file on the server (empty: stdout only)",
		Security: "Refused hosts and failed logins are what shows an attack, so they must land where somebody looks and an intruder in the site can't erase them all.",
		Metavar:  "FILE",
	}),
	{
		Key: "upload_limit", Kind: Size, Default: "10MB; off for an adopted project",
		Usage:    "the largest upload, per file (1MB is 1048576 bytes); off: Django's own, which lets any file through",
		Question: "Largest upload",
		Security: "Without it anyone who may upload can fill the disk: Django's own setting limits bodies, and files aren't counted.",
		Metavar:  "SIZE",
		Get:      func(a Answers) string { return FormatSize(a.UploadLimit) },
		Set:      setUploadLimit,
	},
	choice("hsts", func(a *Answers) *string { return &a.HSTS }, HSTSStages, Option{
		Default:  "1h",
		Usage:    "for how long browsers refuse plain HTTP: a stage of the ramp; preload is forever",
		Question: "HSTS stage",
		Security: "A browser that saw it can't go back to plain HTTP until it ends, so a certificate that breaks locks visitors out that long; without it every visit that begins without https can be hijacked. Start at 1h.",
	}),
	{
		Key: "admin_path", Kind: Text, Unsaved: true, Default: "random",
		Usage:    "where the admin is, such as staff-x7/",
		Question: "Admin path (empty: a random one)",
		Security: "Bots try /admin/ on every host; another path keeps them off the login form, and the password and second factor do the rest.",
		Metavar:  "PATH",
		Get:      func(a Answers) string { return a.AdminPath },
		Set:      setText("admin_path", func(a *Answers) *string { return &a.AdminPath }, CheckAdminPath),
	},
	text("settings", func(a *Answers) *string { return &a.Settings }, CheckModule, Option{
		Default:  "what manage.py names",
		Usage:    "the settings module of the project to adopt, such as mysite.settings",
		Question: "Settings module",
		Security: "Hardening the module that the server doesn't load hardens nothing.",
		Metavar:  "MODULE",
	}),
	text("package", func(a *Answers) *string { return &a.Package }, checkPackage, Option{
		Unasked:  true,
		Security: "The folder that was config/ when djharden made it.",
	}),
	list("keep", func(a *Answers) *[]string { return &a.Keep }, checkKeep, Option{
		Unasked:  true,
		Security: "Files that are yours alone, such as \"config/settings/dev.py\": sync leaves them as they are, and what is new in them never arrives.",
	}),
	text("hsts_since", func(a *Answers) *string { return &a.HSTSSince }, checkDate, Option{
		Unasked:  true,
		Security: "The day (UTC) this stage of HSTS was written, for `djharden sync --hsts next`: browsers see it from the day it is deployed, so put a later day here if that was later.",
	}),
}

// HSTSStages are the steps of the HSTS ramp, in order.
var HSTSStages = []string{"off", "1h", "1d", "30d", "1y", "subdomains", "preload"}

// DjangoSeries are the series djharden writes for, oldest first.
var DjangoSeries = []string{"4.2", "5.2", "6.0", "6.1"}
