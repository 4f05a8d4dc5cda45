package django

// Facts are what differs between Django's series and matters to the files
// djharden makes. Each was read in, or run on, the released packages.
type Facts struct {
	Series     string // as --django takes it: "5.2"
	Latest     string // the last release seen: "5.2.19"
	LTS        bool
	Released   string // first final release, "2025-04"
	SupportEnd string // end of security fixes, ISO date or month
	EndOfLife  bool   // security fixes ended before this table was made
	MinPython  string // least Python that Django and the pins of pins.go run on
	MaxPython  string // newest Python Django declares

	BuiltinCSP         bool // 6.0: django.utils.csp, SECURE_CSP; django-csp below
	NonceTag           bool // 6.1: {% csp_nonce_attr %}
	Mailers            bool // 6.1: MAILERS; setting any EMAIL_* beside it doesn't start
	BigAutoField       bool // 6.0: DEFAULT_AUTO_FIELD is BigAutoField by itself
	LegacySaltFallback bool // SIGNED_COOKIE_LEGACY_SALT_FALLBACK exists and is True (CVE-2026-6873); from 6.1 setting it warns
}

// facts, oldest first. Sources: the release notes of each series, and
// djangoproject.com/download for the ends of support.
var facts = []Facts{
	{
		Series: "4.2", Latest: "4.2.30", LTS: true, Released: "2023-04", SupportEnd: "2026-04-07", EndOfLife: true,
		MinPython: "3.10", MaxPython: "3.12", // Django itself runs on 3.8; axes and REST framework ask for 3.10
	},
	{
		Series: "5.2", Latest: "5.2.19", LTS: true, Released: "2025-04", SupportEnd: "2028-04",
		MinPython: "3.10", MaxPython: "3.14",
		LegacySaltFallback: true,
	},
	{
		Series: "6.0", Latest: "6.0.10", Released: "2025-12", SupportEnd: "2027-04",
		MinPython: "3.12", MaxPython: "3.14",
		BuiltinCSP: true, BigAutoField: true, LegacySaltFallback: true,
	},
	{
		Series: "6.1", Latest: "6.1.3", Released: "2026-08", SupportEnd: "2027-12",
		MinPython: "3.12", MaxPython: "3.15",
		BuiltinCSP: true, BigAutoField: true, NonceTag: true, Mailers: true,
	},
}

// FactsOf returns the facts of a series ("5.2"); false when djharden doesn't
// know it.
func FactsOf(series string) (Facts, bool) {
	for _, f := range facts {
		if f.Series == series {
			return f, true
		}
	}
	return Facts{}, false
}

// AllSeries lists the series djharden makes files for, oldest first.
func AllSeries() []string {
	list := make([]string, len(facts))
	for i, f := range facts {
		list[i] = f.Series
	}
	return list
}

// NewestLTS is the newest series with long-term support.
func NewestLTS() string {
	newest := ""
	for _, f := range facts {
		if f.LTS {
			newest = f.Series
		}
	}
	return newest
}
