package scaffold

import (
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// systemCA is the bundle of Debian, Ubuntu and Alpine, which generated
// settings fall back to. libpq's own "system" names a path that
// psycopg[binary] doesn't have.
const systemCA = "/etc/ssl/certs/ca-certificates.crt"

// envVars are the variables that a new project reads, as .env gets them.
func envVars(in Input) []EnvVar {
	a, s := in.Answers, in.Secrets
	return chosen(a, []envRow{
		{always, EnvVar{"SECRET_KEY", s.SecretKey, "Signs sessions and links. `djharden rotate secret-key` replaces it."}},
		{always, EnvVar{"SECRET_KEY_FALLBACKS", "", "Old keys that still verify, comma-separated."}},
		{hasJWT, EnvVar{"JWT_SIGNING_KEY", s.JWTKey, "Signs the API's tokens. Never the same as SECRET_KEY. `djharden rotate jwt-key` replaces it."}},
		{hasJWT, EnvVar{"JWT_SIGNING_KEY_FALLBACKS", "", "Old signing keys whose tokens are still taken, comma-separated."}},
		{always, EnvVar{"DEBUG", "0", "Production refuses anything else; development doesn't ask."}},
		{always, EnvVar{"ALLOWED_HOSTS", strings.Join(a.Domains, ","), "The host names that the site answers to."}},
		{always, EnvVar{"TRUSTED_PROXY_COUNT", strconv.Itoa(a.ProxyHops), "How many proxies add to X-Forwarded-For; 0: none is in front."}},
		{always, EnvVar{"DATABASE_URL", a.DatabaseURL, databaseComment(a)}},
		{wantsCA, EnvVar{"DATABASE_CA_FILE", orElse(a.DatabaseCA, systemCA), "The authorities, on the server, that may vouch for the database."}},
		{always, EnvVar{"DEV_DATABASE_URL", "", "Development uses db.sqlite3 unless this names another."}},
		{hasRedis, EnvVar{"REDIS_URL", unmasked(a.RedisURL), "Counts throttles for all workers."}},
		{Answers.API, EnvVar{"CORS_ALLOWED_ORIGINS", strings.Join(a.CORSOrigins, ","), "Front ends whose pages may call the API."}},
		{hasSession, EnvVar{"CSRF_TRUSTED_ORIGINS", strings.Join(a.CSRFTrustedOrigins, ","), "Front ends whose pages may post with a session cookie."}},
		{always, EnvVar{"ADMIN_PATH", orElse(a.AdminPath, s.AdminPath), "Where the admin is, like any-words/."}},
		{always, EnvVar{"EMAIL_HOST", "localhost", "The mail server. It must speak STARTTLS."}},
		{always, EnvVar{"EMAIL_PORT", "587", ""}},
		{always, EnvVar{"EMAIL_HOST_USER", "", ""}},
		{always, EnvVar{"EMAIL_HOST_PASSWORD", "", ""}},
	})
}

// exampleValues stand in .env.example for what only .env holds.
func exampleValues(a Answers) map[string]string {
	database := "postgres://USER:PASSWORD@HOST:5432/NAME?sslmode=" + a.DatabaseTLS
	if a.DatabaseTLS == "off" {
		database = "postgres://USER:PASSWORD@localhost:5432/NAME"
	}
	return map[string]string{
		"SECRET_KEY": "", "JWT_SIGNING_KEY": "", "ADMIN_PATH": "", "DATABASE_URL": database, "REDIS_URL": "rediss://:PASSWORD@HOST:6379/0",
	}
}

// envRow is a variable and the projects that read it.
type envRow struct {
	when func(Answers) bool
	EnvVar
}

func chosen(a Answers, rows []envRow) []EnvVar {
	var list []EnvVar
	for _, r := range rows {
		if r.when(a) {
			list = append(list, r.EnvVar)
		}
	}
	return list
}

func always(Answers) bool       { return true }
func hasJWT(a Answers) bool     { return a.API() && a.JWT }
func hasSession(a Answers) bool { return a.API() && !a.JWT }
func hasRedis(a Answers) bool   { return a.RedisURL != "" }

// wantsCA says whether DATABASE_CA_FILE is read: always to verify, and with
// "require" when one was named (libpq then checks the authority, not the host).
func wantsCA(a Answers) bool {
	return a.DatabaseTLS == "verify-full" || a.DatabaseTLS == "require" && a.DatabaseCA != ""
}

func databaseComment(a Answers) string {
	if a.DatabaseTLS == "off" {
		return "Production's PostgreSQL, on this machine."
	}
	return "Production's PostgreSQL, ending in ?sslmode=" + a.DatabaseTLS + ". Write @ : / ? # % in a password as %40 %3A %2F %3F %23 %25."
}

// unmasked drops a URL whose password djharden.toml masked.
func unmasked(url string) string {
	if masked(url) {
		return ""
	}
	return url
}

func masked(url string) bool { return strings.Contains(url, "***") }

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// envFile is .env: written once, with the secrets. One that was there before
// djharden keeps its values and every other byte, and gets the names it lacks.
func envFile(in Input) plan.File {
	f := plan.File{Path: ".env", Owner: plan.Once, Perm: 0o600, Secret: true, Data: DotEnv(envVars(in)), Reason: "secrets and addresses, never in git"}
	if old, ok := in.Project.Files[".env"]; ok && in.Project.Kind == django.Empty {
		f.Owner, f.Was = plan.Patch, old
		f.Data, _ = EditDotEnv(old, envVars(in))
	}
	return f
}

// envExample is .env.example: the same names, for people and for git.
func envExample(in Input) plan.File {
	vars := exampleVars(in)
	old := in.Project.Files[".env.example"]
	f := plan.File{Path: ".env.example", Owner: plan.Patch, Was: old, Reason: "every variable that production reads, without secrets", Record: DotEnv(vars)}
	f.Data, _ = EditDotEnv(old, vars)
	return f
}

// exampleVars are the variables as .env.example has them.
func exampleVars(in Input) []EnvVar {
	vars, values := envVars(in), exampleValues(in.Answers)
	for i := range vars {
		if v, ok := values[vars[i].Name]; ok {
			vars[i].Value = v
		}
	}
	return vars
}
