package django

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// deployFile tells by its name a file that may start a production server.
func deployFile(dir, name string) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "procfile", "fly.toml", "render.yaml", "render.yml", "app.yaml", "app.json", "railway.toml", "railway.json", "nixpacks.toml",
		"zappa_settings.json", "captain-definition", "uwsgi.ini", "gunicorn.conf.py", "gunicorn_config.py":
		return true
	}
	switch ext := path.Ext(lower); {
	case strings.HasPrefix(lower, "dockerfile"), ext == ".dockerfile", ext == ".service",
		strings.HasPrefix(lower, "ecosystem."), strings.HasPrefix(lower, "supervisor"), strings.HasPrefix(lower, "uwsgi"):
		return true
	case ext == ".yml" || ext == ".yaml":
		return strings.Contains(lower, "compose") || strings.Contains(lower, "deploy") || inDeployFolder(dir)
	case ext == ".sh" || ext == ".conf" || ext == ".ini" || ext == "":
		return inDeployFolder(dir) || lower == "start.sh" || strings.HasPrefix(lower, "entrypoint")
	}
	return false
}

func inDeployFolder(dir string) bool {
	for part := range strings.SplitSeq(dir, "/") {
		switch part {
		case "compose", "deploy", "deployment", "docker", "etc", "helm", "infra", "k8s", "kubernetes", "ops", "systemd":
			return true
		}
	}
	return false
}

// A value may stand some lines below its name: "- key: X", "scope: Y", "value: Z".
var (
	deployNames = lazy(settingsVar + `["']?[ \t]*(?:[:=][ \t]*|[ \t,]+)["']?([A-Za-z_][\w-]*(?:\.[\w-]+)*)`)
	deployValue = lazy(settingsVar + `["']?\s*:?\s*\{?(?:[^\n]*\n){0,3}?[^\n]*\bvalue["']?\s*:\s*["']?([A-Za-z_][\w-]*(?:\.[\w-]+)*)`)
	deployFlag  = lazy(`--settings(?:=|[ \t]+)["']?([A-Za-z_][\w-]*(?:\.[\w-]+)+)`)
	deployClass = lazy(classVar + `["']?[ \t]*(?:[:=][ \t]*|[ \t,]+)["']?([A-Za-z_]\w*)`)
)

// byDeploy is the candidate that a file of the deployment names, its reason the
// file. Files for development and tests don't count.
func (c *choice) byDeploy() *candidate {
	for _, f := range c.deploys() {
		src := string(c.read(f))
		if !strings.Contains(src, settingsVar) && !strings.Contains(src, "--settings") {
			continue
		}
		for _, re := range []*regexp.Regexp{deployNames(), deployValue(), deployFlag()} {
			for _, m := range re.FindAllStringSubmatch(src, -1) {
				if forDevelopment(m[1]) {
					continue
				}
				if found := c.listed(m[1]); found != nil {
					found.reason = f
					return found
				}
			}
		}
	}
	return nil
}

// deploys are the files of the project's deployment: below its folder, and
// beside the folders above it; those named for production first.
func (c *choice) deploys() []string {
	out := slices.Clone(c.own.deploys)
	for owner, files := range c.ix.owned {
		if owner == c.dir || owner != "" && !within(c.dir, owner) {
			continue
		}
		for _, f := range files.deploys {
			if len(c.ix.roots) == 1 || within(c.dir, path.Dir(f)) {
				out = append(out, f)
			}
		}
	}
	for _, dir := range []string{".", c.dir} {
		for _, hidden := range []string{".github/workflows", ".do", ".envs/.production", ".ebextensions", ".platform"} {
			hidden = path.Join(dir, hidden)
			list, err := fs.ReadDir(c.ix.fsys, hidden)
			if err != nil {
				continue
			}
			for _, d := range list {
				name := strings.ToLower(d.Name())
				if !strings.HasSuffix(hidden, "workflows") || strings.Contains(name, "deploy") || strings.Contains(name, "prod") || strings.Contains(name, "release") {
					out = append(out, path.Join(hidden, d.Name()))
				}
			}
		}
	}
	out = slices.DeleteFunc(out, forTests)
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(prodRank(a)-prodRank(b), strings.Compare(a, b)) })
	return slices.Compact(out)
}

func prodRank(name string) int {
	if strings.Contains(strings.ToLower(name), "prod") {
		return 0
	}
	return 1
}

var pathWords = lazy(`[a-z0-9]+`)

// forTests tells deployment files for development and tests by their path.
func forTests(name string) bool {
	for _, w := range pathWords().FindAllString(strings.ToLower(name), -1) {
		if slices.Contains(developmentWords, w) && w != "example" && w != "template" && w != "debug" || w == "override" || w == "devcontainer" {
			return true
		}
	}
	return false
}
