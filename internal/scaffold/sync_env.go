package scaffold

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// EnvChange is a line of .env that an answer changes.
type EnvChange struct {
	Line    string // as it should stand, a password in it masked; or what to do, where it can't be said as a line
	Written bool
}

// envAnswers are the variables that hold an answer, and the answers they hold.
var envAnswers = map[string][]string{
	"ALLOWED_HOSTS":        {"domain"},
	"TRUSTED_PROXY_COUNT":  {"proxy_hops"},
	"CORS_ALLOWED_ORIGINS": {"cors_origin"},
	"CSRF_TRUSTED_ORIGINS": {"csrf_trusted_origin"},
	"DATABASE_CA_FILE":     {"database_ca"},
	"DATABASE_URL":         {"database_url", "database_tls"},
	"REDIS_URL":            {"redis_url"},
	"ADMIN_PATH":           {"admin_path"},
}

// env is .env: it gets the variables it lacks, at the end. Lines that answers
// change are named, or changed where that was asked for; everything else, and
// every secret, stays byte for byte. name is the project's own name for one of
// djharden's variables.
func (s *syncer) env(vars []EnvVar, reader django.Reader, name func(string) string) {
	old, ok := s.Project.Files[".env"]
	if !ok {
		s.warn("no-env", "there is no .env here, so none was looked at: djharden init makes it in a fresh clone")
		return
	}
	data := old
	for own := range envAnswers {
		i := slices.IndexFunc(vars, func(v EnvVar) bool { return v.Name == name(own) })
		if i >= 0 {
			data = s.envLine(data, own, vars[i], reader)
		}
	}
	recorded := s.recordedNames()
	var news []EnvVar
	for _, v := range vars {
		optional := v.Value == "" && v.Name != name("DATABASE_URL")
		if !optional || !slices.Contains(recorded, v.Name) {
			news = append(news, v)
		}
	}
	data, added := EditDotEnv(data, news)
	reason := "yours: nothing new for it"
	if len(added) > 0 {
		reason = "new: " + strings.Join(added, ", ")
	}
	if s.EditEnv && slices.ContainsFunc(s.out.Env, func(c EnvChange) bool { return c.Written }) {
		reason = strings.TrimPrefix(reason+"; lines that answers change", "yours: nothing new for it; ")
	}
	s.out.Files = append(s.out.Files, plan.File{Path: ".env", Owner: plan.Patch, Perm: 0o600, Secret: true, Data: data, Was: old, Reason: reason})
	slices.SortFunc(s.out.Env, func(a, b EnvChange) int { return strings.Compare(a.Line, b.Line) })
}

// envLine settles one line of .env that holds an answer.
func (s *syncer) envLine(data []byte, own string, v EnvVar, reader django.Reader) []byte {
	asked, changed := false, false
	for _, key := range envAnswers[own] {
		asked = asked || s.Asked[key]
		changed = changed || s.changed(key) && !FindOption(key).Unsaved
	}
	at, found, err := findEnv(data, v.Name, reader)
	want, apply := s.wanted(own, v.Value, at.text, asked)
	if !found || !apply || !asked && !changed && !s.EditEnv || err == nil && at.text == want {
		return data
	}
	line := v.Name + "=" + want
	if FindOption(envAnswers[own][0]).Secret {
		line = v.Name + "=" + MaskURL(want)
	}
	switch {
	case !s.EditEnv:
		s.out.Env = append(s.out.Env, EnvChange{Line: line})
		return data
	case err == nil:
		var edited []byte
		if edited, err = setEnv(data, at, want); err == nil {
			s.out.Env = append(s.out.Env, EnvChange{Line: line, Written: true})
			return edited
		}
	}
	s.warn("env-line", ".env: %v; write %s there by hand", err, line)
	return data
}

// wanted is what a line should say, and whether djharden has anything to say
// about it.
func (s *syncer) wanted(own, value, now string, asked bool) (want string, apply bool) {
	switch own {
	case "DATABASE_URL":
		if s.Asked["database_url"] {
			return value, value != ""
		}
		if now == "" {
			return "", false
		}
		// A mode that the answer refuses follows it; the rest is the user's.
		if _, _, _, err := NormalizeDatabaseURL(now, s.Answers.DatabaseTLS); err == nil || !sslmodeOnly(now) {
			return "", false
		}
		base, _, _ := strings.Cut(now, "?")
		u, _, _, err := NormalizeDatabaseURL(base, s.Answers.DatabaseTLS)
		return u, err == nil
	case "REDIS_URL", "ADMIN_PATH":
		return value, s.Asked[envAnswers[own][0]] && value != "" && !masked(value)
	}
	return value, true
}

// sslmodeOnly reports whether a database URL has no parameter but sslmode.
func sslmodeOnly(url string) bool {
	_, query, ok := strings.Cut(url, "?")
	return !ok || strings.HasPrefix(query, "sslmode=") && !strings.ContainsAny(query, "&;")
}
