package cli

import (
	"github.com/djharden/djharden/internal/scaffold"
)

// headings sorts the answers in help.
var headings = map[string]string{
	"name": "The project", "preset": "The project", "django": "The project", "settings": "The project",
	"domain": "The network", "proxy_hops": "The network", "hsts": "The network", "csp": "The network", "cors_origin": "The network", "csrf_trusted_origin": "The network",
	"database_url": "Stores", "database_ca": "Stores", "database_tls": "Stores", "redis_url": "Stores",
}

var headingOrder = []string{"The project", "The network", "Stores", "Signing in and limits", "Running"}

// answerOptions are the flags that answer a question, one for each option.
func answerOptions() []*option {
	var list []*option
	for _, o := range scaffold.Options {
		if o.Unasked {
			continue
		}
		list = append(list, &option{
			name: o.Flag(), metavar: metavar(o), usage: o.Usage, def: o.Default, choices: o.Choices,
			list: o.Kind == scaffold.List, isSwitch: o.Kind == scaffold.Bool, env: o.Env(), group: groupOf(o.Key),
			files: o.Key == "database_ca",
		})
		if o.Key == "database_url" {
			list = append(list, &option{
				name: "database-url-file", metavar: "FILE", env: "DJHARDEN_DATABASE_URL_FILE", group: groupOf(o.Key), files: true,
				usage: "read the database URL from the first line of FILE; - is stdin",
			})
		}
	}
	return list
}

func groupOf(key string) string {
	if h, ok := headings[key]; ok {
		return h
	}
	return "Signing in and limits"
}

func metavar(o scaffold.Option) string {
	if o.Metavar != "" {
		return o.Metavar
	}
	switch o.Kind {
	case scaffold.Choice:
		return joinChoices(o.Choices)
	case scaffold.Int:
		return "N"
	case scaffold.Size:
		return "SIZE"
	case scaffold.Bool:
		return ""
	}
	return "TEXT"
}

// initOptions are the flags of init, by heading.
func initOptions() []*option { return byHeading(append(answerOptions(), runOptions()...)) }

func byHeading(all []*option) []*option {
	var list []*option
	for _, h := range headingOrder {
		for _, o := range all {
			if o.group == h {
				list = append(list, o)
			}
		}
	}
	return list
}

const runGroup = "Running"

// runOptions are the flags of init that say how to run.
func runOptions() []*option {
	const group = runGroup
	return []*option{
		{name: "config", metavar: "FILE", env: "DJHARDEN_CONFIG", group: group, files: true,
			usage: "take answers from FILE, written like djharden.toml"},
		{name: "yes", alias: "y", isSwitch: true, env: "DJHARDEN_YES", group: group, usage: "ask nothing: defaults for the rest, and write"},
		{name: "dry-run", isSwitch: true, env: "DJHARDEN_DRY_RUN", group: group, usage: "list the files it would write, and write none"},
		{name: "diff", isSwitch: true, env: "DJHARDEN_DIFF", group: group, usage: "show every line it would change, and write none"},
		{name: "json", isSwitch: true, env: "DJHARDEN_JSON", group: group, usage: "print the plan as JSON; writes only with --yes"},
		{name: "help", alias: "h", isSwitch: true, group: group, usage: "this text"},
	}
}

func joinChoices(choices []string) string {
	s := ""
	for i, c := range choices {
		if i > 0 {
			s += "|"
		}
		s += c
	}
	return s
}
