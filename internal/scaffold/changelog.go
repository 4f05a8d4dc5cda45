package scaffold

import (
	"regexp"
	"strconv"

	"github.com/djharden/djharden/internal/django"
)

// TemplateVersion numbers what Render makes. It goes up with each change of
// the files of a project, and changelog says why: a test holds the two together.
const TemplateVersion = 2

// News is what one version of the templates changed.
type News struct {
	Version int
	Change  string // what is different, in a sentence
	Why     string
	Do      string // what a person has to do after the sync; "" for nothing

	when func(Answers) bool // nil: every project
}

// changelog has an entry for each change since the first version.
var changelog = []News{
	{
		Version: 2, when: hasJWT,
		Change: "Tokens are checked against JWT_SIGNING_KEY_FALLBACKS, too: backends.py is new, and .env gets the variable.",
		Why:    "With one key alone, `djharden rotate jwt-key` threw every client out at once.",
		Do:     "Deploy the code before you rotate; restart the site.",
	},
	{
		Version: 2, when: beforeBuiltinCSP,
		Change: "In a new project's base.py \"csp\" and DEFAULT_AUTO_FIELD, which Django 6.0 needs no more, stand in other places.",
		Why:    "They stood next to lines that people change, LANGUAGE_CODE and the end of INSTALLED_APPS, and the upgrade was a conflict.",
	},
	{
		Version: 2, when: func(a Answers) bool { return a.Settings != "" },
		Change: "What stops a start says of an empty variable that it is empty, in adopted projects, too.",
		Why:    "It said what a value must look like that wasn't there.",
	},
	{
		Version: 2,
		Change:  "djharden.toml has `keep`, for files that you take over, and `hsts_since`, the day of the HSTS stage.",
		Why:     "`djharden sync` goes by them.",
		Do:      "Set hsts_since to the day on which the stage was deployed.",
	},
}

func beforeBuiltinCSP(a Answers) bool {
	facts, ok := django.FactsOf(a.Django)
	return ok && !facts.BuiltinCSP
}

// NewsSince returns what changed for a project since the templates of a
// version, oldest first.
func NewsSince(version int, a Answers) []News {
	var list []News
	for _, n := range changelog {
		if n.Version > version && (n.when == nil || n.when(a)) {
			list = append(list, n)
		}
	}
	return list
}

var headVersion = regexp.MustCompile(`(?m)^# .*Written by djharden (.*?)(?:, templates (\d+))?\.\r?$`)

// writtenBy reads from a recorded djharden.toml which djharden, and which
// templates, made the last render. The first templates were not numbered.
func writtenBy(toml []byte) (version string, templates int) {
	m := headVersion.FindSubmatch(toml)
	if m == nil {
		return "", 1
	}
	templates = 1
	if n, err := strconv.Atoi(string(m[2])); err == nil {
		templates = n
	}
	return string(m[1]), templates
}
