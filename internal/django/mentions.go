package django

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const maxMentions = 200

// mentions lists what would go stale: configuration that names the settings
// module, and whatever names /admin. Nothing of it is edited.
func (p *Project) mentions(t *tree) {
	module := regexp.MustCompile(`(?:^|[^.\w])` + regexp.QuoteMeta(p.Module) + `(?:$|[^.\w])|` + regexp.QuoteMeta(p.Path))
	patched := map[string]bool{p.Path: true}
	if p.URLs != nil {
		patched[p.URLs.Path] = true
	}
	for _, e := range p.Entries {
		patched[e.Path] = true
	}
	collected := t.collected()
	for _, name := range append(t.sorted(), hiddenConfig(t)...) {
		kind := textKind(name)
		ours := p.Kind == Made && strings.HasPrefix(name, p.Dir+"/hardening/")
		if kind == textNone || ours || collected(name) || bytes.Contains([]byte(name), []byte("/migrations/")) {
			continue
		}
		src, err := t.read(name)
		if err != nil || !utf8.Valid(src) {
			continue
		}
		if kind == textPage {
			p.SeesCSRFCookie = p.SeesCSRFCookie || bytes.Contains(src, []byte("csrftoken"))
		}
		if path.Ext(name) == ".py" && bytes.Contains(src, []byte("site_header")) {
			p.CustomHeader = true
		}
		if path.Ext(name) == ".py" && p.OwnSite == "" {
			if at := ownSite.FindIndex(src); at != nil {
				p.OwnSite = name + ":" + strconv.Itoa(Line(src, at[0]))
			}
		}
		for i, line := range strings.Split(string(src), "\n") {
			p.mention(name, i+1, strings.TrimSpace(line), kind, patched[name], module)
		}
	}
}

var (
	ownSite       = regexp.MustCompile(`OTPAdminSite|AdminSiteOTPRequired|admin\.site\.__class__|admin\.site\s*=[^=]|default_site\s*=`)
	adminPath     = regexp.MustCompile(`(?:^|[^\w.-])/admin(?:/|["'\s?#)]|$)`)
	mayHoldSecret = regexp.MustCompile(`(?i)://[^/\s]*@|(password|passwd|secret|token|key)["']?\s*[=:]`)
	healthCheck   = regexp.MustCompile(`(?i)(HEALTHCHECK|healthcheck|curl|wget).*http://(localhost|127\.0\.0\.1|0\.0\.0\.0)`)
)

func (p *Project) mention(name string, line int, text string, kind textSort, patched bool, module *regexp.Regexp) {
	m := Mention{Path: name, Line: line, Text: text}
	switch {
	case mayHoldSecret.MatchString(m.Text):
		m.Text = "" // the place is enough: warnings end up in logs
	case len(m.Text) > 120:
		m.Text = strings.ToValidUTF8(m.Text[:120], "")
	}
	if !patched && kind != textPage && len(p.ModuleMentions) < maxMentions && module.MatchString(text) {
		p.ModuleMentions = append(p.ModuleMentions, m)
	}
	if path.Ext(name) != ".js" && !strings.HasPrefix(text, "#") && len(p.AdminMentions) < maxMentions && adminPath.MatchString(text) {
		p.AdminMentions = append(p.AdminMentions, m)
	}
	if kind == textConfig && healthCheck.MatchString(text) {
		p.HealthChecks = append(p.HealthChecks, m)
	}
}

// collected says what is in a STATIC_ROOT: collectstatic puts copies of
// Django's own scripts there, which are no code of the project.
func (t *tree) collected() func(name string) bool {
	var roots []string
	for _, name := range t.sorted() {
		for _, mark := range []string{"admin/js/core.js", "rest_framework/js/csrf.js", "staticfiles.json"} {
			if root, ok := strings.CutSuffix(name, "/"+mark); ok && !slices.Contains(roots, root+"/") {
				roots = append(roots, root+"/")
			}
		}
	}
	return func(name string) bool {
		return slices.ContainsFunc(roots, func(root string) bool { return strings.HasPrefix(name, root) })
	}
}

type textSort uint8

const (
	textNone   textSort = iota
	textPython          //
	textConfig          // deployment, CI and test configuration
	textPage            // templates and scripts
)

func textKind(name string) textSort {
	base := path.Base(name)
	switch path.Ext(name) {
	case ".py":
		return textPython
	case ".yml", ".yaml", ".toml", ".cfg", ".ini", ".conf", ".service", ".socket", ".sh", ".env", ".json", ".mk", ".bat", ".ps1":
		if base == "package-lock.json" || base == "package.json" || base == "djharden.toml" {
			return textNone
		}
		return textConfig
	case ".html", ".js", ".ts", ".jsx", ".tsx", ".vue":
		return textPage
	}
	for _, prefix := range []string{"Dockerfile", "Procfile", "Makefile", "makefile", "justfile", "Jenkinsfile", "Caddyfile", "nginx"} {
		if strings.HasPrefix(base, prefix) {
			return textConfig
		}
	}
	return textNone
}

// hiddenConfig are the CI files in hidden folders, which the walk skips.
func hiddenConfig(t *tree) []string {
	var out []string
	for _, dir := range []string{".github/workflows", ".circleci", ".platform", ".ebextensions"} {
		list, err := fs.ReadDir(t.fsys, dir)
		if err != nil {
			continue
		}
		for _, d := range list {
			if d.Type().IsRegular() {
				out = append(out, dir+"/"+d.Name())
			}
		}
	}
	return out
}
