package scaffold

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OptionError is an answer that can't be used. Error says which, what is wrong
// with it and what is right; Hint is the next step, and may be empty.
type OptionError struct {
	Key   string // of the option, as in djharden.toml
	Value string // what was answered; empty for a secret
	Msg   string // what is wrong: "is not a host name"
	Hint  string // what to do, a line of its own
}

func (e *OptionError) Error() string {
	key := strings.ReplaceAll(e.Key, "_", "-")
	if e.Value == "" {
		return key + ": " + e.Msg
	}
	return fmt.Sprintf("%s: %q %s", key, e.Value, e.Msg)
}

// bad makes the error of a checker; the option's name is added by keyed.
func bad(hint, format string, args ...any) error {
	return &OptionError{Msg: fmt.Sprintf(format, args...), Hint: hint}
}

// keyed adds the option and the value to an error of a checker.
func keyed(err error, key, value string) error {
	var e *OptionError
	if !errors.As(err, &e) {
		return &OptionError{Key: key, Value: value, Msg: err.Error()}
	}
	c := *e
	c.Key, c.Value = key, value
	return &c
}

// Finish completes answers that were set one by one: the database URL gets the
// TLS mode that was chosen, a CA file named in it moves to its own answer, and
// everything is validated. The notes say, in words, what was changed or is
// worth knowing. Finish of finished answers changes nothing.
func Finish(a *Answers) (notes []string, err error) {
	if a.DatabaseURL != "" {
		u, ca, n, err := NormalizeDatabaseURL(a.DatabaseURL, a.DatabaseTLS)
		if err != nil {
			return nil, err
		}
		if ca != "" && a.DatabaseCA != "" && ca != a.DatabaseCA {
			return nil, &OptionError{Key: "database_ca", Value: a.DatabaseCA,
				Msg: fmt.Sprintf("is not the file that sslrootcert in the database URL names, %q", ca), Hint: "name the file once"}
		}
		if ca != "" {
			a.DatabaseCA = ca
		}
		a.DatabaseURL = u
		notes = append(notes, n...)
	}
	if a.DatabaseCA != "" && a.DatabaseTLS == "off" {
		notes = append(notes, "--database-ca does nothing with --database-tls off: no certificate is asked for")
	}
	notes = append(notes, domainNotes(a.Domains)...)
	if strings.HasPrefix(a.RedisURL, "redis://") && !isLoopback(hostOfURL(a.RedisURL)) {
		notes = append(notes, "redis:// sends its password and all counters in the clear: use rediss:// unless the network in between is yours alone")
	}
	return notes, Validate(*a)
}

// Validate checks finished answers, each on its own and against each other. Its
// error is an *OptionError.
func Validate(a Answers) error {
	if err := required(a); err != nil {
		return err
	}
	for _, o := range Options {
		b := a
		v := o.Get(a)
		if err := o.Set(&b, v); err != nil {
			return err
		}
		if got := o.Get(b); got != v {
			e := &OptionError{Key: o.Key, Value: v, Msg: fmt.Sprintf("is not in its normal form, %q", got)}
			if o.Secret {
				e.Value, e.Msg = "", "is not in its normal form"
			}
			return e
		}
	}
	return together(a)
}

// required refuses answers that are missing, and items that are several.
func required(a Answers) error {
	if len(a.Domains) == 0 {
		return &OptionError{Key: "domain", Msg: "is missing: production answers to named hosts only",
			Hint: "say which host names the site has: --domain example.com"}
	}
	for key, list := range map[string][]string{"domain": a.Domains, "cors_origin": a.CORSOrigins, "csrf_trusted_origin": a.CSRFTrustedOrigins} {
		if i := slices.IndexFunc(list, func(s string) bool { return strings.Contains(s, ",") }); i >= 0 {
			return &OptionError{Key: key, Value: list[i], Msg: "is not one item"}
		}
	}
	for _, o := range []struct{ key, value string }{
		{"name", a.Name}, {"preset", a.Preset}, {"django", a.Django}, {"database_tls", a.DatabaseTLS}, {"csp", a.CSP}, {"hsts", a.HSTS},
	} {
		if o.value == "" {
			return &OptionError{Key: o.key, Msg: "is missing"}
		}
	}
	return nil
}

// together refuses answers that don't go with one another.
func together(a Answers) error {
	switch {
	case !a.API() && a.JWT:
		return &OptionError{Key: "jwt", Value: "true", Msg: "needs an API, and the site preset has none", Hint: "take --preset api or lms, or leave --jwt out"}
	case !a.API() && len(a.CORSOrigins) > 0:
		return &OptionError{Key: "cors_origin", Value: a.CORSOrigins[0], Msg: "needs an API, and the site preset has none", Hint: "take --preset api or lms, or leave --cors-origin out"}
	case len(a.CSRFTrustedOrigins) > 0 && (!a.API() || a.JWT):
		return &OptionError{Key: "csrf_trusted_origin", Value: a.CSRFTrustedOrigins[0],
			Msg:  "is for an API with session cookies alone: anywhere else it would open the admin's forms to that origin and do nothing more",
			Hint: "leave --csrf-trusted-origin out, or take --preset api --jwt=false"}
	case a.Ratelimit && a.RedisURL == "":
		return &OptionError{Key: "ratelimit", Value: "true", Msg: "needs Redis: django-ratelimit refuses a cache that can't count for all processes at once",
			Hint: "add --redis-url, or --ratelimit=false; lockout and the API's throttles work without Redis"}
	}
	return databaseTogether(a)
}

// databaseTogether refuses a URL that Finish has not been through.
func databaseTogether(a Answers) error {
	if a.DatabaseURL == "" {
		return nil
	}
	u, ca, _, err := NormalizeDatabaseURL(a.DatabaseURL, a.DatabaseTLS)
	if err != nil {
		return err
	}
	if u != a.DatabaseURL || ca != "" {
		return &OptionError{Key: "database_url", Msg: "is not in its normal form"}
	}
	return nil
}

// didYouMean returns a hint that names the choice nearest to a word, or "".
func didYouMean(word string, choices []string) string {
	best, bestDistance := "", 3
	for _, c := range choices {
		if d := distance(word, c); d < bestDistance && d < max(len(word), len(c)) {
			best, bestDistance = c, d
		}
	}
	if i := slices.IndexFunc(choices, func(c string) bool { return len(word) > 2 && strings.HasPrefix(c, word) }); best == "" && i >= 0 {
		best = choices[i]
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance is the number of single letters to change, add or drop that turn a
// into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}
