package audit

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

var leakRules = []*Rule{
	{
		ID: "DH116", Name: "secret-committed", Title: "a password or an API key stands in the settings", Severity: High,
		Why: "Everybody who has, or ever had, the repository has it, and so do the backups, the images and the CI. A default counts: production starts on it unnoticed.",
		Fix: `# read it from the environment, without a default, and replace the one that leaked`,
		CWE: []int{798}, ASVS: []string{"13.3.1"},
		Refs: []string{docs + "howto/deployment/checklist/#critical-settings", "https://12factor.net/config"},
		Bad:  `EMAIL_HOST_PASSWORD = "vR7kq2Lw9z"`,
		Good: "import os\nEMAIL_HOST_PASSWORD = os.environ.get(\"EMAIL_HOST_PASSWORD\", \"\")\nPASSWORD_RESET_TIMEOUT = 3600\nCSRF_HEADER_NAME = \"HTTP_X_CSRFTOKEN\"",
		check: func(p *Project, r *report) {
			for _, name := range p.Result.Order {
				if slices.Contains(keyRules, name) {
					continue
				}
				l := leaks{p: p, r: r, setting: name}
				l.walk(p.Result.Settings[name].Value, name, name, 0)
			}
		},
	},
	{
		ID: "DH117", Name: "env-file-committed", Title: "git tracks a file of environment variables that holds secrets", Severity: Critical, Item: 2,
		Why: "What was kept out of the settings is in the repository all the same, and in its history after it is deleted.",
		Fix: `# git rm --cached .env; echo .env >> .gitignore; and replace every secret that is in it`,
		CWE: []int{540, 798}, ASVS: []string{"13.3.1"},
		Refs: []string{"https://git-scm.com/docs/git-rm"},
		Bad: `-- .env --
SECRET_KEY=kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY
-- .git/index --
tracked: .env
`,
		Good: `-- .env --
SECRET_KEY=kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY
-- .env.example --
SECRET_KEY=change-me
-- .git/index --
tracked: .env.example
`,
		check: checkEnvFiles,
	},
}

// keyRules are the settings whose keys have rules of their own.
var keyRules = []string{"SECRET_KEY", "SECRET_KEY_FALLBACKS", "SIMPLE_JWT"}

// leaks looks for secrets in the value of a setting.
type leaks struct {
	p       *Project
	r       *report
	setting string
}

const deepest = 6 // dicts in dicts; nobody keeps a secret lower

// walk goes through a value; name is what the part is called there, and label
// how a person would write it.
func (l leaks) walk(v *pyeval.Value, name, label string, depth int) {
	if v == nil || depth > deepest {
		return
	}
	switch v.Kind {
	case pyeval.Str:
		l.judge(v, name, label)
	case pyeval.Dict:
		for i, k := range v.Keys {
			if k.Kind == pyeval.Str {
				l.walk(v.Items[i], k.S, fmt.Sprintf("%s[%q]", label, k.S), depth+1)
			}
		}
	case pyeval.List, pyeval.Tuple:
		for i, x := range v.Items {
			l.walk(x, name, fmt.Sprintf("%s[%d]", label, i), depth+1)
		}
	}
}

func (l leaks) judge(v *pyeval.Value, name, label string) {
	if label == `SIMPLE_JWT["SIGNING_KEY"]` { // jwt-key-weak judges that
		return
	}
	kind := secretText(name, v.S)
	if kind == "" || harmlessHome().MatchString(l.setting) || !l.p.written(l.setting, v) || l.isSecretKey(v) {
		return
	}
	if password := urlPassword(v.S); password != "" && len(v.Env) > 0 && !l.p.spelt(l.setting, v, password) {
		return // the URL is put together here, the password comes from elsewhere
	}
	words := fmt.Sprintf("%s holds %s", label, kind)
	if len(v.Env) > 0 {
		words = fmt.Sprintf("without %s, %s holds %s that stands in the source", strings.Join(v.Env, " and "), label, kind)
	}
	f := l.r.fail(l.p, label, v, words)
	f.At = l.p.place(l.setting, v)
	if v.At.Path() != "" {
		f.at(v.At)
	}
}

// isSecretKey reports whether a value is SECRET_KEY again, which has rules of
// its own.
func (l leaks) isSecretKey(v *pyeval.Value) bool {
	key := l.p.Result.Get("SECRET_KEY")
	return key != nil && key.Value.IsStr(v.S)
}

var (
	// tokens have a form of their own, whatever they are called.
	tokens = lazy(`^(?:[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z]{16,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[0-9A-Za-z]{30,}|github_pat_[0-9A-Za-z_]{30,}|glpat-[0-9A-Za-z_-]{20,}|xox[abprs]-[0-9A-Za-z-]{10,}|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*))`)

	secretName = lazy(`(?i)(?:^|_)(?:password|passwd|passphrase|pwd|secret|token|apikey|credentials?)(?:$|_)|(?i)(?:api|access|private|signing|encryption|auth|secret|account|admin|storage|session|app|field|webhook|client)_?key(?:$|_|s$)|(?i)^(?:password|passwd|secret|signing_key|passw|key_secret)$`)

	// harmlessHome are settings whose keys are called like what they are about.
	harmlessHome = lazy(`RATE_?LIMITS?|_FORMS$|_SCOPES?$|_LABELS?$|_MESSAGES$|SWAGGER|SPECTACULAR|LOGGING$`)

	// harmless names hold one of those words and no secret.
	harmlessName = lazy(`(?i)public|publishable|site_?key|maps|hashers?|validators?|timeout|_(?:age|ttl|lifetime|url|uri|urls|header|headers|name|names|field|fields|prefix|file|path|paths|dir|class|classes|backend|backends|model|module|view|form|serializer|salt_length|length|algorithm|type|types|format|method|methods|location|claim|param|params|parameters|regex|template|templates|expiry|expires?|enabled|required|id|ids|host|hosts|port|cookie|domain|user|username|storage|engine)$|^(?:csrf|auth_header)|_FOR_|reset|redirect|verifying|access_key_id|key_id|client_id|sensitive`)

	wordLike = lazy(`^[A-Za-z_]+(?:\.[A-Za-z_]\w*)+$|^/|^https?://[^@]*$|\s|^(?i:bearer|token|basic|access|refresh|jwt|none|null|true|false|password|username|email|id|key|secret|session|header|cookie|body|query|path|default|hs\d+|rs\d+)$`)
)

// secretText says what kind of secret a text is, from its form and from its
// name; "" when it is none.
func secretText(name, s string) string {
	switch {
	case s == "":
		return ""
	case tokens().MatchString(s):
		return "a secret that its form gives away"
	case urlPassword(s) != "":
		return "a URL with a password"
	case !secretName().MatchString(name) || harmlessName().MatchString(name) || wordLike().MatchString(s):
		return ""
	case strings.Contains(strings.ToLower(name), "passw") || strings.EqualFold(name, "pwd"):
		return "a password"
	case placeholder(s):
		return "a placeholder for a secret"
	case len(s) >= 20, len(s) >= 8 && strings.ContainsAny(s, "0123456789"):
		return "a secret"
	}
	return ""
}

// urlPassword is the password in a URL, "" where there is none. That of a
// message broker on this machine that everybody knows is none.
func urlPassword(s string) string {
	if !strings.Contains(s, "://") || !strings.Contains(s, "@") || strings.ContainsAny(s, " \n") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.User == nil {
		return ""
	}
	password, _ := u.User.Password()
	if password == "guest" && u.User.Username() == "guest" {
		return ""
	}
	return password
}

// checkEnvFiles reports the files of variables that git tracks.
func checkEnvFiles(p *Project, r *report) {
	files := p.envFiles()
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text := p.text(name)
		key, s, e := envSecret(text)
		if key == "" {
			continue
		}
		if files[name] == pyeval.Yes {
			r.fail(p, key, nil, name+" is in git, with a value for "+key).at(placeIn(name, text, s, e)).
				fix("git rm --cached " + name + " && echo " + path.Base(name) + " >> .gitignore  # and replace what is in it")
		} else if !ignored(p.text(".gitignore")+"\n"+p.text(path.Join(p.dir(), ".gitignore")), name) {
			r.unknown(p, key, nil, "no repository of git is here to look into, and no .gitignore names "+name)
		}
	}
}

var envLine = lazy(`(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*?)[ \t]*\r?$`)

// envSecret finds the first variable that holds a secret, and where its line is.
func envSecret(text string) (key string, s, e int) {
	for _, m := range envLine().FindAllStringSubmatchIndex(text, -1) {
		name, value := text[m[2]:m[3]], strings.Trim(text[m[4]:m[5]], `"'`)
		if placeholder(value) || strings.HasPrefix(value, "$") {
			continue
		}
		if strings.HasSuffix(name, "SECRET_KEY") && len(value) >= 8 || secretText(name, value) != "" {
			return name, m[2], m[5]
		}
	}
	return "", 0, 0
}

// ignored reports whether a .gitignore has a line for a file, by its name or
// with a star behind ".env"; what else it may say isn't looked at.
func ignored(gitignore, name string) bool {
	for line := range strings.Lines(gitignore) {
		pattern := strings.Trim(strings.TrimSpace(line), "/")
		pattern = strings.TrimPrefix(pattern, "**/")
		for _, target := range []string{name, path.Base(name)} {
			if ok, _ := path.Match(pattern, target); ok {
				return true
			}
		}
	}
	return false
}
