package scaffold

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// testSecrets are fixed, so that a render is the same each time.
var testSecrets = Secrets{
	SecretKey: "test-only-Zk3v9qL2x8B7n5M4c1R6t0Y_wE-pHsJdFgAaQzXuViOoPlKmNbTrWe",
	JWTKey:    "test-only-mN7bV5cX3zL1kJ9hG8fD6sA4pO2iU0yT-rEwQqWeRtYuIoP_aSdFgHj",
	AdminPath: "staff-test0000/",
}

// testAnswers are the answers of a preset as --yes with a domain gives them.
func testAnswers(preset, series string) Answers {
	a := Answers{
		Name: "lms", Preset: preset, Django: series, Domains: []string{"example.com"}, ProxyHops: 1,
		DatabaseTLS: "verify-full", Lockout: true, CSP: "enforce", HSTS: "1h", UploadLimit: 10 << 20,
	}
	if a.API() {
		a.JWT = true
		a.CORSOrigins = []string{"https://example.com"}
	}
	if preset == "lms" {
		a.RedisURL = "rediss://cache.example.com:6379/0"
		a.Ratelimit = true
	}
	return a
}

func render(t *testing.T, a Answers, p *django.Project) Result {
	t.Helper()
	res, err := Render(Input{Answers: a, Project: p, Secrets: testSecrets, Version: "1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// variants change the answers of a preset; together they have every value of
// every option, and values as long as the validators take them.
var variants = map[string]func(*Answers){
	"plain": func(*Answers) {},
	"2fa":   func(a *Answers) { a.Admin2FA = true; a.HSTS = "1y" },
	"redis": func(a *Answers) { a.RedisURL = "redis://:pw@127.0.0.1:6379/1"; a.Ratelimit = false; a.HSTS = "1d" },
	"local": func(a *Answers) { a.RedisURL, a.Ratelimit, a.HSTS, a.UploadLimit = "", false, "30d", 512<<10 },
	"open": func(a *Answers) {
		a.Lockout, a.Ratelimit, a.CSP, a.HSTS, a.UploadLimit, a.DatabaseTLS, a.ProxyHops = false, false, "off", "off", 0, "off", 0
	},
	"far": func(a *Answers) {
		a.RedisURL, a.Ratelimit, a.Admin2FA = "rediss://:pw@cache.example.com:6379/0", true, true
		a.CSP, a.HSTS, a.UploadLimit, a.DatabaseTLS, a.ProxyHops = "report-only", "preload", 1000003, "require", 3
		a.DatabaseCA, a.SecurityLog = "/etc/ssl/rds.pem", "/var/log/lms/security.log"
	},
	"session": func(a *Answers) {
		a.HSTS, a.DatabaseTLS, a.ProxyHops = "subdomains", "require", 2
		if a.API() {
			a.JWT, a.CSRFTrustedOrigins = false, []string{"https://app.example.com"}
		}
	},
	"session-open": func(a *Answers) {
		a.Lockout, a.Ratelimit, a.Admin2FA, a.JWT = false, false, true, false
	},
	"long": func(a *Answers) {
		a.Name = strings.Repeat("long_name_", 6) + "last"
		a.Domains = nil
		for i := range 20 {
			a.Domains = append(a.Domains, strings.Repeat("label-", 10)+string(rune('a'+i))+".example.com")
		}
		if a.API() {
			for _, d := range a.Domains {
				a.CORSOrigins = append(a.CORSOrigins, "https://"+d+":65535")
			}
		}
		a.SecurityLog = "/" + strings.Repeat("folder/", 40) + "security.log"
		a.DatabaseCA = "/" + strings.Repeat("folder/", 40) + "ca.pem"
		a.UploadLimit = 100<<30 - 1
		a.AdminPath = strings.Repeat("staff-", 16) + "x7/"
		a.Admin2FA = true
	},
	"middling": func(a *Answers) { // on either side of the line's end
		a.Name = strings.Repeat("n", 40)
		a.SecurityLog = "/var/log/" + strings.Repeat("l", 50)
	},
}

// combinations are all variants of all presets on all series.
func combinations() map[string]Answers {
	all := map[string]Answers{}
	for _, series := range django.AllSeries() {
		for _, preset := range []string{"lms", "site", "api"} {
			for name, change := range variants {
				a := testAnswers(preset, series)
				change(&a)
				all[series+"-"+preset+"-"+name] = a
			}
			for n := range 64 - 45 { // every width around the fold of the admin's titles
				a := testAnswers(preset, series)
				a.Name = strings.Repeat("w", 45+n)
				if preset == "site" {
					all[fmt.Sprintf("%s-%s-width%d", series, preset, 45+n)] = a
				}
			}
		}
	}
	return all
}

func file(t *testing.T, res Result, path string) plan.File {
	t.Helper()
	var names []string
	for _, f := range res.Files {
		if f.Path == path {
			return f
		}
		names = append(names, f.Path)
	}
	t.Fatalf("no %s among %s", path, strings.Join(names, " "))
	return plan.File{}
}
