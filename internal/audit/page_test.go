package audit

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write docs/rules.md anew")

// topics are what the hundreds of the rules' IDs are about.
var topics = map[byte]string{
	'1': "Debugging, secrets, hosts",
	'2': "HTTPS and cookies",
	'3': "Headers, CSP, CORS, CSRF",
	'4': "API, tokens, sign-in, admin",
	'5': "Database, cache, files, logs, mail",
	'6': "Settings that do nothing",
}

// TestRulesPage keeps docs/rules.md as the rules have it, which SARIF links to:
// go test -run TestRulesPage ./internal/audit -update.
func TestRulesPage(t *testing.T) {
	const name = "../../docs/rules.md"
	want := rulesPage(t)
	old, err := os.ReadFile(name)
	if err == nil && string(old) == want {
		return
	}
	if !*update {
		t.Fatal("docs/rules.md says something else than the rules: run `go test -run TestRulesPage ./internal/audit -update` and read the difference")
	}
	if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func rulesPage(t *testing.T) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Rules

What `+"`djharden check`"+` looks at: %d rules. `+"`djharden explain DH101`"+` says the same in the terminal. Each example is run by the tests:
what is under Wrong, put after hardened settings, yields that rule and no other; what is under Right yields none.
An ID keeps its meaning. This page is made from the rules themselves; don't edit it.
`, len(Rules))
	topic := byte(0)
	for _, r := range Rules {
		if c := r.ID[2]; c != topic {
			topic = c
			if topics[c] == "" {
				t.Fatalf("the topic of %s has no title", r.ID)
			}
			fmt.Fprintf(&b, "\n**%s**\n\n| rule | name | severity | what it finds |\n| --- | --- | --- | --- |\n", topics[c])
		}
		fmt.Fprintf(&b, "| [%s](#%s) | `%s` | %s | %s |\n", r.ID, strings.ToLower(r.ID), r.Name, r.Severity, strings.ReplaceAll(markdown(r.Title), "|", `\|`))
	}
	for _, r := range Rules {
		writeRule(&b, r)
	}
	return b.String()
}

func writeRule(b *strings.Builder, r *Rule) {
	fmt.Fprintf(b, "\n## %s\n\n`%s`, %s: %s.", r.ID, r.Name, r.Severity, markdown(r.Title))
	if r.Item > 0 {
		fmt.Fprintf(b, " Item %d of the checklist: %s.", r.Item, checklist[r.Item-1])
	}
	fmt.Fprintf(b, "\n\n%s\n\nFix:\n\n", markdown(r.Why))
	fence(b, "python", r.Fix)
	writeExample(b, "Wrong", r.Bad)
	writeExample(b, "Right", r.Good)
	b.WriteString("\n")
	var ids []string
	for _, n := range r.CWE {
		ids = append(ids, fmt.Sprintf("[CWE-%d](https://cwe.mitre.org/data/definitions/%d.html)", n, n))
	}
	for _, a := range r.ASVS {
		ids = append(ids, "ASVS 5.0 "+a)
	}
	for _, c := range r.Checks {
		ids = append(ids, "`"+c+"` of `check --deploy`")
	}
	if len(ids) > 0 {
		fmt.Fprintf(b, "- %s\n", strings.Join(ids, ", "))
	}
	for _, ref := range r.Refs {
		fmt.Fprintf(b, "- <%s>\n", ref)
	}
}

// writeExample writes settings, and the files beside them.
func writeExample(b *strings.Builder, title, text string) {
	a := txtar.Parse([]byte(text))
	if strings.TrimSpace(string(a.Comment)) != "" {
		fmt.Fprintf(b, "\n%s:\n\n", title)
		fence(b, "python", string(a.Comment))
	}
	for _, f := range a.Files {
		fmt.Fprintf(b, "\n%s, `%s`:\n\n", title, f.Name)
		language := ""
		if strings.HasSuffix(f.Name, ".py") {
			language = "python"
		}
		fence(b, language, string(f.Data))
	}
}

func fence(b *strings.Builder, language, text string) {
	fmt.Fprintf(b, "```%s\n%s\n```\n", language, strings.Trim(text, "\n"))
}

var special = regexp.MustCompile("[\\\\`*<]")

// markdown escapes what would be markup in a sentence.
func markdown(s string) string { return special.ReplaceAllString(s, `\$0`) }
