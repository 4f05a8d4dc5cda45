package scaffold

import (
	"bytes"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"
)

// newFile is a row of the list of a new project's files.
type newFile struct {
	path   string
	reason string
	when   func(context) bool // nil: always
	exec   bool
}

var newFiles = []newFile{
	{path: "manage.py", reason: "development settings unless told otherwise", exec: true},
	{path: "config/__init__.py", reason: "the project's package"},
	{path: "config/admin.py", reason: "the admin site"},
	{path: "config/api.py", reason: "the API's first views", when: func(c context) bool { return c.API }},
	{path: "config/apps.py", reason: "the admin site, wired"},
	{path: "config/backends.py", reason: "tokens of earlier signing keys", when: func(c context) bool { return c.JWT }},
	{path: "config/asgi.py", reason: "production settings unless told otherwise"},
	{path: "config/logs.py", reason: "a security log file that can't stop the start", when: func(c context) bool { return c.SecurityLog != "" }},
	{path: "config/middleware.py", reason: "the client's address, settled once"},
	{path: "config/migrations/0001_cache_table.py", reason: "the table of the database cache", when: noRedis},
	{path: "config/migrations/__init__.py", reason: "the table of the database cache", when: noRedis},
	{path: "config/settings/__init__.py", reason: "refuses to be the settings module"},
	{path: "config/settings/base.py", reason: "what development and production share"},
	{path: "config/settings/dev.py", reason: "development"},
	{path: "config/settings/env.py", reason: "how the environment is read and checked"},
	{path: "config/settings/prod.py", reason: "production"},
	{path: "config/uploads.py", reason: "a limit on files", when: func(c context) bool { return c.UploadLimit != "" }},
	{path: "config/urls.py", reason: "health endpoint, admin path from the environment"},
	{path: "config/views.py", reason: "the first page", when: pages},
	{path: "config/wsgi.py", reason: "production settings unless told otherwise"},
	{path: "static/site.css", reason: "the first page", when: pages},
	{path: "templates/base.html", reason: "the first page", when: pages},
	{path: "templates/home.html", reason: "the first page, with a nonce for its inline code", when: pages},
}

func noRedis(c context) bool { return !c.Redis }
func pages(c context) bool   { return c.Site }

// renderNew makes a project in an empty folder, or one that holds other things,
// and makes it again, byte for byte, where it has made it before.
func renderNew(in Input, facts django.Facts) (Result, error) {
	c := newContext(in, facts)
	res := Result{SettingsModule: "config.settings.prod", MinPython: facts.MinPython}
	tree := newTree()
	for _, f := range newFiles {
		if f.when != nil && !f.when(c) {
			continue
		}
		data, err := page(tree, f.path, c)
		if err != nil {
			return Result{}, err
		}
		file := plan.File{Path: f.path, Owner: plan.Whole, Data: data, Reason: f.reason}
		if f.exec {
			file.Perm = 0o755
		}
		res.Files = append(res.Files, file)
	}
	beside, err := besideFiles(in, c)
	if err != nil {
		return Result{}, err
	}
	res.Files = append(res.Files, beside...)
	res.Warnings = warnings(in, facts)
	res.Next = nextSteps(in)
	return res, nil
}

// renderClone makes the one file that git doesn't carry: .env, with new
// secrets, in a fresh clone of a project that djharden made.
func renderClone(in Input, facts django.Facts) (Result, error) {
	res := Result{Files: []plan.File{envFile(in)}, SettingsModule: "config.settings.prod", MinPython: facts.MinPython}
	if ignore := ignoreFile(in, ".gitignore", gitignore); !bytes.Equal(ignore.Data, ignore.Was) {
		res.Files = append(res.Files, ignore)
	}
	res.Warnings = warnings(in, facts)
	res.Next = nextSteps(in)
	return res, nil
}

// besideFiles are the files next to the package, some of which may be the
// user's already.
func besideFiles(in Input, c context) ([]plan.File, error) {
	readme, err := page(newTree(), "README.md", c)
	if err != nil {
		return nil, err
	}
	files := []plan.File{
		envFile(in),
		envExample(in),
		ignoreFile(in, ".gitignore", gitignore),
		requirements(in, "requirements.txt", nil, django.Pins(c.Series, features(in.Answers, c.Facts)...)),
		requirements(in, "requirements-dev.txt", []string{"-r requirements.txt"}, django.DevPins()),
		{Path: readmePath(in.Project), Owner: plan.Once, Data: readme, Reason: "how to run it, and how to go live"},
		{Path: "djharden.toml", Owner: plan.Whole, Data: TOML(in.Answers, in.Version), Reason: "the answers, without secrets"},
	}
	if _, ok := in.Project.Files["Dockerfile"]; ok {
		files = append(files, ignoreFile(in, ".dockerignore", dockerignore))
	}
	return files, nil
}

// readmePath is README.md, or DEPLOYMENT.md where the user had a README first.
func readmePath(p *django.Project) string {
	_, readme := p.Files["README.md"]
	_, beside := p.Files["DEPLOYMENT.md"]
	if beside || readme && p.Kind == django.Empty {
		return "DEPLOYMENT.md"
	}
	return "README.md"
}

// features are what the answers need packages for.
func features(a Answers, facts django.Facts) []django.Feature {
	var list []django.Feature
	for _, f := range []struct {
		feature django.Feature
		on      bool
	}{
		{django.API, a.API()}, {django.JWT, a.JWT}, {django.Lockout, a.Lockout}, {django.Ratelimit, a.Ratelimit},
		{django.TwoFactor, a.Admin2FA}, {django.CSPPackage, a.CSP != "off" && !facts.BuiltinCSP}, {django.Redis, a.RedisURL != ""},
	} {
		if f.on {
			list = append(list, f.feature)
		}
	}
	return list
}
