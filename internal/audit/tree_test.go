package audit

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/djharden/djharden/internal/django"
)

// watched is a file system that remembers what was opened.
type watched struct {
	fs.FS
	opened []string
}

func (w *watched) Open(name string) (fs.File, error) {
	w.opened = append(w.opened, name)
	return w.FS.Open(name)
}

// TestProjectsShareATree holds that many projects of one folder cost no more
// than each alone: none looks into another, and what lies above them is looked
// for once.
func TestProjectsShareATree(t *testing.T) {
	mono := fstest.MapFS{"nginx.conf": {Data: []byte("proxy_pass http://app;\n")}}
	for _, name := range []string{"a", "b"} {
		mono[name+"/manage.py"] = &fstest.MapFile{}
		mono[name+"/settings.py"] = &fstest.MapFile{Data: []byte("DEBUG = True\nINSTALLED_APPS = ['django.contrib.admin', 'django.contrib.auth']\nMIDDLEWARE = []\nROOT_URLCONF = 'urls'\n")}
		mono[name+"/urls.py"] = &fstest.MapFile{Data: []byte("urlpatterns = []\n")}
	}
	w := &watched{FS: mono}
	tree := &Tree{}
	run := func(name string) *Report {
		w.opened = nil
		site := &django.Site{Dir: name, Path: []string{name}, Module: "settings", File: name + "/settings.py"}
		p, err := Load(w, name, site, Options{Tree: tree})
		if err != nil {
			t.Fatal(err)
		}
		return Run(p, Selection{})
	}
	run("a") // it looks for what all share
	r := run("b")
	for _, name := range w.opened {
		if name == "." || name == "a" || strings.HasPrefix(name, "a/") {
			t.Errorf("b opens %s", name)
		}
	}
	if len(r.With(Fail)) == 0 {
		t.Error("b has no finding")
	}
}
