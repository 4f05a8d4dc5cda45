package scaffold

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/plan"

	"github.com/rogpeppe/go-internal/diff"
)

// afterWrite is a folder after a render was written into it, record and all.
func afterWrite(fsys fstest.MapFS, files []plan.File) fstest.MapFS {
	out := fstest.MapFS{}
	for name, f := range fsys {
		out[name] = f
	}
	put := func(name string, data []byte) { out[name] = &fstest.MapFile{Data: data, Mode: 0o644} }
	for _, f := range files {
		switch {
		case f.Remove:
			delete(out, f.Path)
			continue
		case f.Keep != "":
			continue
		case f.Owner == plan.Once && out[f.Path] != nil:
			continue
		}
		put(f.Path, f.Data)
		switch {
		case f.Owner == plan.Whole:
			put(".djharden/base/"+f.Path, f.Data)
		case f.Record != nil:
			put(".djharden/base/"+f.Path, f.Record)
		}
	}
	return out
}

// syncAgain is a sync of the folder with the answers in it.
func syncAgain(t *testing.T, fsys fs.FS, change func(*SyncInput)) SyncResult {
	t.Helper()
	p, err := django.Read(fsys, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRecord(p)
	if err != nil {
		t.Fatal(err)
	}
	a, err := readBack(p.Files["djharden.toml"])
	if err != nil {
		t.Fatal(err)
	}
	in := SyncInput{Input: Input{Answers: a, Project: p, Secrets: otherSecrets, Version: "1.0"}, Record: r, Asked: map[string]bool{}}
	if change != nil {
		change(&in)
	}
	res, err := Sync(in)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// otherSecrets are what a sync would use if it made secrets anew.
var otherSecrets = Secrets{
	SecretKey: "other-Key_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR",
	JWTKey:    "other-Jwt_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR",
	AdminPath: "staff-otherone/",
}

// wantNothing holds each file of a sync to what is there.
func wantNothing(t *testing.T, fsys fstest.MapFS, res SyncResult) {
	t.Helper()
	for _, f := range res.Files {
		if f.Keep != "" {
			t.Errorf("%s: %s", f.Path, f.Keep)
			continue
		}
		if now := fsys[f.Path]; now == nil || !bytes.Equal(now.Data, f.Data) {
			t.Errorf("%s changes", f.Path)
			if now != nil {
				t.Logf("%s", diff.Diff("was", now.Data, "is", f.Data))
			}
		}
	}
}

// TestSyncAfterAdoptInAnyForm: the same for files in any dress.
func TestSyncAfterAdoptInAnyForm(t *testing.T) {
	for _, name := range append([]string{"plain"}, adoptFixtures...) {
		for form, change := range forms {
			fsys := adoptFS(t, name+".txtar", func(path string, b []byte) []byte {
				if strings.HasSuffix(path, ".py") && len(b) > 0 {
					return change(b)
				}
				return b
			})
			res, _ := adopt(t, fsys, nil)
			fsys = afterWrite(fsys, res.Files)
			for _, f := range syncAgain(t, fsys, nil).Files {
				if now := fsys[f.Path]; f.Keep != "" || now == nil || !bytes.Equal(now.Data, f.Data) {
					t.Errorf("%s, %s: %s changes", name, form, f.Path)
				}
			}
		}
	}
}

// TestSyncAfterAdopt: what init made of the user's project, sync makes again.
func TestSyncAfterAdopt(t *testing.T) {
	for _, name := range append([]string{"plain"}, adoptFixtures...) {
		for form, change := range map[string]func(*Answers){
			"default": nil,
			"all": func(a *Answers) {
				a.RedisURL, a.Admin2FA, a.UploadLimit, a.CSP, a.SecurityLog = "redis://127.0.0.1:6379/0", true, 5<<20, "enforce", "/var/log/x/security.log"
				a.Ratelimit = a.Preset == "lms"
			},
		} {
			t.Run(name+"/"+form, func(t *testing.T) {
				fsys := adoptFS(t, name+".txtar", nil)
				res, _ := adopt(t, fsys, change)
				fsys = afterWrite(fsys, res.Files)
				again := syncAgain(t, fsys, nil)
				wantNothing(t, fsys, again)
				if len(again.News) > 0 || len(again.Env) > 0 {
					t.Errorf("news: %v, %v", again.News, again.Env)
				}
				whole := map[string]bool{}
				for _, f := range again.Files {
					whole[f.Path] = true
				}
				for _, f := range res.Files {
					if f.Owner == plan.Whole && !whole[f.Path] {
						t.Errorf("%s isn't made again", f.Path)
					}
				}
			})
		}
	}
}
