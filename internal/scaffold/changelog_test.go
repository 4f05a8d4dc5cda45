package scaffold

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// sumFile has the hash of what each version of the templates renders.
const sumFile = "testdata/templates.sum"

// TestTemplateVersion fails where the files of a project have changed and
// TemplateVersion hasn't: those who have the old files would not hear of it.
func TestTemplateVersion(t *testing.T) {
	sums := map[string]string{}
	data, err := os.ReadFile(sumFile)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for s := bufio.NewScanner(strings.NewReader(string(data))); s.Scan(); {
		version, sum, _ := strings.Cut(s.Text(), " ")
		sums[version] = sum
	}
	version, sum := fmt.Sprint(TemplateVersion), renderSum(t)
	switch sums[version] {
	case sum:
	case "":
		if !*update {
			t.Fatalf("version %s has no line in %s: go test ./internal/scaffold -run TemplateVersion -update", version, sumFile)
		}
		if err := os.WriteFile(sumFile, append(data, version+" "+sum+"\n"...), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf(`the files of a project are others than version %s of the templates made. In changelog.go raise TemplateVersion and
add an entry that says what changed, why, and what a person has to do; then go test ./internal/scaffold -run TemplateVersion -update.
(A version that was in no release yet may keep its number: take its line out of %s first.)`, version, sumFile)
	}
	described := false
	for _, n := range changelog {
		described = described || n.Version == TemplateVersion
		if n.Version < 2 || n.Version > TemplateVersion || n.Change == "" || n.Why == "" {
			t.Errorf("an entry that isn't whole: %+v", n)
		}
		for _, text := range []string{n.Change, n.Why, n.Do} {
			if text != "" && !strings.HasSuffix(text, ".") {
				t.Errorf("%q isn't a sentence", text)
			}
		}
	}
	if !described {
		t.Errorf("version %d of the templates is in no entry of the changelog", TemplateVersion)
	}
}

// renderSum is the hash of what answers of every kind render, new and adopted.
func renderSum(t *testing.T) string {
	t.Helper()
	h := sha256.New()
	add := func(what string, files []plan.File) {
		for _, f := range files {
			if f.Path != ".env" {
				fmt.Fprintf(h, "%s %s %d %o %d\n%s", what, f.Path, f.Owner, f.Perm, len(f.Data), f.Data)
			}
		}
	}
	most := func(a *Answers) {
		a.RedisURL, a.Admin2FA, a.UploadLimit, a.SecurityLog, a.HSTS, a.CSP = "redis://127.0.0.1:6379/0", true, 1<<20, "/var/log/x/security.log", "preload", "report-only"
		a.Ratelimit, a.DatabaseTLS, a.ProxyHops = true, "require", 2
	}
	least := func(a *Answers) {
		a.JWT, a.Lockout, a.CSP, a.UploadLimit, a.HSTS, a.DatabaseTLS, a.ProxyHops = false, false, "off", 0, "off", "off", 0
	}
	for _, series := range django.AllSeries() {
		for _, preset := range []string{"lms", "site", "api"} {
			for i, change := range []func(*Answers){func(*Answers) {}, most, least} {
				a := Defaults(nil)
				a.Name, a.Domains, a.Preset, a.Django = "lms", []string{"lms.example.com"}, preset, series
				ApplyPreset(&a, nil)
				change(&a)
				res, err := Render(Input{Answers: a, Secrets: adoptSecrets, Version: "1.0"})
				if err != nil {
					t.Fatal(err)
				}
				add(fmt.Sprint(series, preset, i), res.Files)
			}
		}
	}
	for _, name := range append([]string{"plain"}, adoptFixtures...) {
		for i, change := range []func(*Answers){nil, func(a *Answers) { most(a); a.Ratelimit = a.Preset == "lms" }, least} {
			res, _ := adopt(t, adoptFS(t, name+".txtar", nil), change)
			add(fmt.Sprint(filepath.Base(name), i), res.Files)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// TestNewsSince prints what was crossed, and nothing else.
func TestNewsSince(t *testing.T) {
	lms, site := Answers{Preset: "lms", JWT: true, Django: "6.1", CSP: "enforce"}, Answers{Preset: "site", Django: "6.1", CSP: "off"}
	if n := len(NewsSince(TemplateVersion, lms)); n != 0 {
		t.Errorf("%d news of the version that is there", n)
	}
	if a, b := len(NewsSince(1, lms)), len(NewsSince(1, site)); a <= b || b == 0 {
		t.Errorf("%d news with tokens, %d without", a, b)
	}
	for _, tc := range []struct {
		was  string
		a    Answers
		want int
	}{{"6.1", lms, 0}, {"6.0", lms, 1}, {"5.2", lms, 3}, {"4.2", lms, 4}, {"5.2", site, 2}} {
		if got := seriesNews(tc.was, tc.a); len(got) != tc.want {
			t.Errorf("%s to %s: %d entries, want %d", tc.was, tc.a.Django, len(got), tc.want)
		}
	}
	if got := seriesNews("6.1", Answers{Django: "5.2"}); len(got) != 1 || !strings.Contains(got[0].Change, "older") {
		t.Errorf("down: %v", got)
	}
	for text, want := range map[string]int{
		"# x. Written by djharden 1.0.0.\n": 1, "# x. Written by djharden 1.0.0, templates 2.\n": 2,
		"# x. Written by djharden v1.2-3-gabc (x, y), templates 12.\n": 12, "mine\n": 1, "# x. Written by djharden 1.0.0, templates 3.\r\nname = 1\r\n": 3,
	} {
		if _, n := writtenBy([]byte(text)); n != want {
			t.Errorf("%q: templates %d, want %d", text, n, want)
		}
	}
	if _, n := writtenBy(TOML(testAnswers("lms", "5.2"), "1.0")); n != TemplateVersion {
		t.Errorf("what TOML writes is read as version %d", n)
	}
}
