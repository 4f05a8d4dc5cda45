package scaffold

import (
	"bytes"
	"path"
	"testing"
)

// TestAdoptImportsWhatIsRequired holds for each reader of the environment:
// what a written file imports is in requirements.txt.
func TestAdoptImportsWhatIsRequired(t *testing.T) {
	packages := map[string]string{
		"environs":        "environs",
		"environ":         "django-environ",
		"decouple":        "python-decouple",
		"dotenv":          "python-dotenv",
		"dj_database_url": "dj-database-url",
		"csp":             "django-csp",
		"axes":            "django-axes",
	}
	for _, name := range append([]string{"plain"}, adoptFixtures...) {
		t.Run(name, func(t *testing.T) {
			res, _ := adopt(t, adoptFS(t, name+".txtar", nil), nil)
			required := fileOf(t, res, "requirements.txt").Data
			for _, f := range res.Files {
				if path.Ext(f.Path) != ".py" {
					continue
				}
				for module, pkg := range packages {
					imports := bytes.Contains(f.Data, []byte("\nfrom "+module+" import")) || bytes.Contains(f.Data, []byte("\nimport "+module+"\n"))
					if imports && !bytes.Contains(required, []byte(pkg)) {
						t.Errorf("%s imports %s, requirements.txt has no %s", f.Path, module, pkg)
					}
				}
			}
		})
	}
}
