package scaffold

import (
	"strconv"
	"strings"

	"github.com/djharden/djharden/internal/plan"
)

const systemCA = "/etc/ssl/certs/ca-certificates.crt"

// envVar is one variable that a project reads.
type envVar struct {
	name    string
	value   string // in .env
	example string // in .env.example: no secret; "" where only a secret would do
	comment string
}

// variables lists what the project reads, in the order of .env.
func variables(in Input) []envVar {
	a := in.Answers
	var list []envVar
	add := func(when bool, v envVar) {
		if when {
			list = append(list, v)
		}
	}
	plain := func(name, value, comment string) envVar { return envVar{name, value, value, comment} }
	add(true, envVar{"SECRET_KEY", in.Secrets.SecretKey, "", "Signs sessions and links. `djharden rotate SECRET_KEY` replaces it."})
	add(true, plain("SECRET_KEY_FALLBACKS", "", "Old keys that still verify, comma-separated, until sessions have ended."))
	add(a.JWT, envVar{"JWT_SIGNING_KEY", in.Secrets.JWTKey, "", "Signs the API's tokens. Never the same as SECRET_KEY."})
	add(true, plain("DEBUG", "0", "Production refuses 1; development doesn't ask."))
	add(true, plain("ALLOWED_HOSTS", strings.Join(a.Domains, ","), "Host names that the site answers to."))
	add(true, plain("TRUSTED_PROXY_COUNT", strconv.Itoa(a.ProxyHops), "Proxies in front that add to X-Forwarded-For; 0: none."))
	add(true, envVar{"DATABASE_URL", a.DatabaseURL, exampleDatabase(a), "The production database, and nothing else."})
	add(wantsCA(a), plain("DATABASE_CA_FILE", orElse(a.DatabaseCA, systemCA), "Who may vouch for the database server."))
	add(true, plain("DEV_DATABASE_URL", "", "Development uses db.sqlite3 unless this says otherwise."))
	add(a.RedisURL != "", envVar{"REDIS_URL", unmasked(a.RedisURL), "rediss://:PASSWORD@HOST:6379/0", "Counts throttles for all workers."})
	add(a.API(), plain("CORS_ALLOWED_ORIGINS", strings.Join(a.CORSOrigins, ","), "Front ends that may call the API."))
	add(a.API() && !a.JWT, plain("CSRF_TRUSTED_ORIGINS", strings.Join(a.CSRFTrustedOrigins, ","), "Front ends that may send this site's cookies."))
	add(true, envVar{"ADMIN_PATH", orElse(a.AdminPath, in.Secrets.AdminPath), "", "Where the admin is: any-words/."})
	add(true, plain("EMAIL_HOST", "localhost", "The mail server, by TLS."))
	add(true, plain("EMAIL_PORT", "587", ""))
	add(true, plain("EMAIL_HOST_USER", "", ""))
	add(true, envVar{"EMAIL_HOST_PASSWORD", "", "", ""})
	return list
}

func exampleDatabase(a Answers) string {
	const url = "postgres://USER:PASSWORD@HOST:5432/NAME"
	if a.DatabaseTLS == "off" {
		return "postgres://USER:PASSWORD@localhost:5432/NAME"
	}
	return url + "?sslmode=" + a.DatabaseTLS
}

// masked says whether a URL lost its password to djharden.toml.
func masked(url string) bool { return strings.Contains(url, "***") }

func unmasked(url string) string {
	if masked(url) {
		return ""
	}
	return url
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// envFile is .env: made once, with the secrets; one that is there keeps its
// values and every other byte, and gets only the names it lacks.
func envFile(in Input) (plan.File, error) {
	f := plan.File{Path: ".env", Owner: plan.Once, Perm: 0o600, Secret: true, Reason: "secrets and addresses, never in git"}
	vars := variables(in)
	f.Data = envText(vars, func(v envVar) string { return v.value })
	return f, nil
}

func envExample(in Input) (plan.File, error) {
	data := envText(variables(in), func(v envVar) string { return v.example })
	return plan.File{Path: ".env.example", Owner: plan.Whole, Data: data, Reason: "every variable that production reads"}, nil
}

func envText(vars []envVar, value func(envVar) string) []byte {
	var b strings.Builder
	for _, v := range vars {
		if v.comment != "" {
			b.WriteString("# " + v.comment + "\n")
		}
		b.WriteString(v.name + "=" + value(v) + "\n")
	}
	return []byte(b.String())
}
