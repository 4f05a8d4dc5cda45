package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hostileSettings = `DEBUG = True  # \x1b]0;title\x07</pre><script>alert(1)</script>\u202e
ALLOWED_HOSTS = ["*", "</code><script>alert(2)</script>", "\\x1b[2J"]
X_FRAME_OPTIONS = "<img src=x onerror=alert(3)>"
MIDDLEWARE = [f"{x('javascript:alert(4)')}"]
`

// TestHostileSource holds that nothing of a project's source is acted on by the
// browser or the terminal that shows a report.
func TestHostileSource(t *testing.T) {
	root := site(t, "a", strings.NewReplacer(`\x1b`, "\x1b", `\x07`, "\x07", `\u202e`, "\u202e").Replace(hostileSettings))
	name := "<b>\x1b[31m"
	if err := os.Rename(filepath.Join(root, "a"), filepath.Join(root, name)); err != nil {
		t.Skip(err) // not every system has such names
	}
	t.Chdir(root)
	for _, format := range checkFormats {
		var out, errs bytes.Buffer
		Main([]string{"djharden", "check", "--format", format, name}, nil, &out, &errs)
		if !strings.Contains(out.String(), "DEBUG") {
			t.Fatalf("%s: %s%s", format, out.String(), errs.String())
		}
		if strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
			t.Errorf("%s: a control character comes through: %q", format, out.String())
		}
		if format != "html" {
			continue
		}
		for _, tag := range []string{"<script", "<img", "<b>", "javascript:alert(4)\""} {
			if strings.Contains(out.String(), tag) {
				t.Errorf("the page holds %s", tag)
			}
		}
	}
}
