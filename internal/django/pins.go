package django

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Feature is something a project can have that needs packages of its own.
type Feature uint8

// Always is what every project needs. The others follow the answers.
const (
	Always Feature = iota
	API            // Django REST framework, and CORS
	JWT
	Lockout
	Ratelimit
	TwoFactor
	CSPPackage // a CSP on a Django without its own
	Redis
)

// Pin is one line of a requirements file.
type Pin struct {
	Name string // as pip compares it: lower case, with hyphens
	Line string // as it is written, extras and range included
}

// pin is a row of the table: the range that was resolved and run together with
// all the others on every series, or the ranges of the series that differ.
type pin struct {
	name   string // as the package spells itself, with extras
	needs  Feature
	spec   string
	series map[string]string // where a series needs another range than spec
	past   []string          // ranges that were written once: a line that has one is djharden's
}

// pins, in the order they are written. All of them resolved and ran together
// on 2026-11-23, on each series, with Python 3.12 and 3.13, wheels only.
var pins = []pin{
	{name: "Django", series: map[string]string{"4.2": "~=4.2.30", "5.2": "~=5.2.19", "6.0": "~=6.0.10", "6.1": "~=6.1.3"}},
	{name: "argon2-cffi", spec: ">=25.1"}, // numbered by year: ~= would say nothing
	{name: "dj-database-url", spec: "~=3.1.2"},
	{name: "django-axes", needs: Lockout, spec: "~=8.3.1"}, // without [ipware]: REMOTE_ADDR is settled
	{name: "django-cors-headers", needs: API, spec: "~=4.9"},
	{name: "django-csp", needs: CSPPackage, spec: "~=4.0"},
	{name: "django-otp[qrcode]", needs: TwoFactor, spec: "~=1.7.5"},
	{name: "django-permissions-policy", spec: "~=4.34.0", series: map[string]string{"4.2": "~=4.31.0"}}, // minors drop features
	{name: "django-ratelimit", needs: Ratelimit, spec: "~=4.1"},
	{name: "djangorestframework", needs: API, spec: "~=3.18.3", series: map[string]string{"4.2": "~=3.17.2"}}, // minors drop series
	{name: "djangorestframework-simplejwt", needs: JWT, spec: "~=5.5.1"},
	{name: "PyJWT", needs: JWT, spec: ">=2.15.1,<3"}, // Simple JWT alone takes 1.7.1, with known holes
	{name: "environs", spec: "~=15.2"},
	{name: "gunicorn", spec: "~=27.0.1"},
	{name: "psycopg[binary]", spec: "~=3.3.9"},
	{name: "redis", needs: Redis, spec: "~=8.1"},
	{name: "whitenoise", spec: "~=6.12"},
}

// readerPins are what an adopted project keeps reading the environment with;
// environs, above, is what the others get.
var readerPins = map[Reader]pin{
	ReadsOS:      {name: "python-dotenv", spec: "~=1.2"}, // os.environ doesn't read .env
	ReadsDotenv:  {name: "python-dotenv", spec: "~=1.2"},
	ReadsEnviron: {name: "django-environ", spec: ">=0.11"},
	ReadsDecoup:  {name: "python-decouple", spec: "~=3.8"},
}

// devPins are the developers' own tools.
var devPins = []pin{
	{name: "pip-audit", spec: "~=2.10.1"},
	{name: "ruff", spec: "~=0.17.6"},
}

// Pins returns the requirements of a project on a series that has the
// features, in the order of the table.
func Pins(series string, features ...Feature) []Pin {
	has := map[Feature]bool{Always: true}
	for _, f := range features {
		has[f] = true
	}
	return lines(pins, series, has)
}

// Wrote reports whether a line of a requirements file is one that djharden
// writes, or once wrote.
func Wrote(line string) bool {
	for _, p := range slices.Concat(pins, devPins, slices.Collect(maps.Values(readerPins))) {
		spec, ok := strings.CutPrefix(line, p.name)
		if ok && p.name != "" && (spec == p.spec && spec != "" || slices.Contains(p.past, spec) || slices.Contains(slices.Collect(maps.Values(p.series)), spec)) {
			return true
		}
	}
	return false
}

// DevPins returns the requirements of those who work on a project.
func DevPins() []Pin { return lines(devPins, "", map[Feature]bool{Always: true}) }

// ReaderPins returns the requirements of the reader that a project keeps.
func ReaderPins(r Reader) []Pin {
	return lines([]pin{readerPins[r]}, "", map[Feature]bool{Always: readerPins[r].name != ""})
}

func lines(table []pin, series string, has map[Feature]bool) []Pin {
	var list []Pin
	for _, p := range table {
		if !has[p.needs] {
			continue
		}
		spec := p.spec
		if s, ok := p.series[series]; ok {
			spec = s
		}
		list = append(list, Pin{Name: PinName(p.name), Line: p.name + spec})
	}
	return list
}

var nameRuns = regexp.MustCompile(`[-_.]+`)

// PinName returns the package a requirement line is about, as pip compares it
// (lower case, single hyphens); "" for a line that names none.
func PinName(line string) string {
	line = strings.TrimSpace(line)
	end := strings.IndexFunc(line, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
	if end >= 0 {
		line = line[:end]
	}
	if strings.HasPrefix(line, "-") {
		return ""
	}
	return strings.ToLower(nameRuns.ReplaceAllString(line, "-"))
}
