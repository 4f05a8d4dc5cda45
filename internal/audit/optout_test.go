package audit

import (
	"slices"
	"strings"
	"testing"
)

// judged runs two rules over the hardened project with more settings, and
// applies an opt-out.
func judged(t *testing.T, settings string, o OptOut, b *Baseline) (*Report, []string) {
	t.Helper()
	r := Run(load(t, example(t, settings)), Selection{Select: []string{"debug-on", "any-host"}})
	var list []OptOut
	if o.Rule != "" {
		list = append(list, o)
	}
	warnings := r.Suppress(list, b, "2027-05-05")
	return r, warnings
}

func TestSuppress(t *testing.T) {
	opt := OptOut{Rule: "DH101", Reason: "a demo", Until: "2030-01-01", Where: "x.toml"}
	with := func(change func(*OptOut)) OptOut { o := opt; change(&o); return o }
	const plain = "DEBUG = True\n"
	for _, c := range []struct {
		name, settings string
		opt            OptOut
		want           Status
		says, warns    string
	}{
		{"counts", plain, opt, Suppressed, "a demo (until 2030-01-01)", ""},
		{"by name", plain, with(func(o *OptOut) { o.Rule = "debug-on" }), Suppressed, "a demo", ""},
		{"on its last day", plain, with(func(o *OptOut) { o.Until = "2027-05-05" }), Suppressed, "a demo", ""},
		{"past it", plain, with(func(o *OptOut) { o.Until = "2027-05-04" }), Fail, "(its opt-out expired on 2027-05-04)", "the opt-out of DH101 expired on 2027-05-04 (a demo)"},
		{"in this file", plain, with(func(o *OptOut) { o.Path = "set*.py" }), Suppressed, "a demo", ""},
		{"in another file", plain, with(func(o *OptOut) { o.Path = "prod.py" }), Fail, "", "x.toml: the opt-out from DH101 covers nothing: remove it"},
		{"for this setting", plain, with(func(o *OptOut) { o.Setting = "DEBUG" }), Suppressed, "a demo", ""},
		{"for another setting", plain, with(func(o *OptOut) { o.Setting = "X" }), Fail, "", "covers nothing"},
		{"of no rule", plain, with(func(o *OptOut) { o.Rule = "DH999" }), Fail, "", `x.toml names the rule "DH999", which there isn't`},
		{"of a rule that wasn't asked", plain, with(func(o *OptOut) { o.Rule = "DH111" }), Fail, "", ""},
		{"on the line", "DEBUG = True  # djharden: ignore[DH101] a demo\n", OptOut{}, Suppressed, "a demo", ""},
		{"before it", "# djharden: ignore[debug-on, DH111] a demo\nDEBUG = True\n", OptOut{}, Suppressed, "a demo", ""},
		{"on the last line", "DEBUG = (\n    True\n)  # djharden: ignore[DH101] a demo\n", OptOut{}, Suppressed, "a demo", ""},
		{"two lines before", "# djharden: ignore[DH101] a demo\n\nDEBUG = True\n", OptOut{}, Fail, "", "settings.py:2: the comment that ignores DH101 covers nothing: remove it"},
		{"without a reason", "DEBUG = True  # djharden: ignore[DH101]\n", OptOut{}, Fail, "", "settings.py:2: the comment that ignores DH101 gives no reason"},
		{"without a rule", "DEBUG = True  # djharden: ignore[] a demo\n", OptOut{}, Fail, "", "settings.py:2: the comment names no rule"},
		{"a group", "DEBUG = True  # djharden: ignore[DH1] a demo\n", OptOut{}, Fail, "", `settings.py:2: the comment ignores the rule "DH1", which there isn't`},
		{"another rule", "DEBUG = True  # djharden: ignore[DH121] a demo\n", OptOut{}, Fail, "", "covers nothing"},
		{"in a text", "DEBUG = True; A = '# djharden: ignore[DH101] a demo'\n", OptOut{}, Fail, "", ""},
	} {
		r, warnings := judged(t, c.settings, c.opt, nil)
		i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule.ID == "DH101" })
		if f := r.Findings[i]; f.Status != c.want || !strings.Contains(f.Message+"|"+f.Reason, c.says) {
			t.Errorf("%s: %s, %q, %q", c.name, f.Status, f.Message, f.Reason)
		}
		if got := strings.Join(warnings, "\n"); !strings.Contains(got, c.warns) || (c.warns == "") != (got == "") {
			t.Errorf("%s: warns %q, want %q", c.name, got, c.warns)
		}
	}
}

func TestBaseline(t *testing.T) {
	first := Run(load(t, example(t, "DEBUG = True\nALLOWED_HOSTS = ['*']\n")), Selection{})
	data := WriteBaseline([]*Report{first})
	for _, c := range []struct {
		settings     string
		fails, fixed int
	}{
		{"DEBUG = True\nALLOWED_HOSTS = ['*']\n", 0, 0},
		{"# moved\n\nALLOWED_HOSTS = ['*']\nDEBUG  =  True\n", 0, 0},
		{"DEBUG = True\n", 0, 1},
		{"DEBUG = 1\nALLOWED_HOSTS = ['*']\n", 1, 1},
		{"", 0, 2},
	} {
		b, err := ReadBaseline(data)
		if err != nil {
			t.Fatal(err)
		}
		r := Run(load(t, example(t, c.settings)), Selection{})
		r.Suppress(nil, b, "2027-05-05")
		if got := r.With(Fail); len(got) != c.fails {
			t.Errorf("%q: %d failures, want %d", c.settings, len(got), c.fails)
		}
		if got := b.Fixed(); len(got) != c.fixed {
			t.Errorf("%q: fixed %q, want %d", c.settings, got, c.fixed)
		}
	}

	// Some rules alone say nothing about the others' entries.
	b, _ := ReadBaseline(data)
	r := Run(load(t, example(t, "")), Selection{Select: []string{"debug-on"}})
	r.Suppress(nil, b, "2027-05-05")
	if got := b.Fixed(); len(got) > 0 {
		t.Errorf("fixed, and not looked at: %q", got)
	}
	for _, bad := range []string{"", "[]", "{", `{"version":2,"findings":[]}`} {
		if _, err := ReadBaseline([]byte(bad)); err == nil {
			t.Errorf("read %q", bad)
		}
	}
}

// TestStopped holds that settings which can't be read to their end get no
// verdict at all.
func TestStopped(t *testing.T) {
	for _, settings := range []string{"DEBUG = True\nraise SystemExit\n", "DEBUG = True\nX = (\n", "DEBUG = True\nimport missing_module_of_the_project.x as y\nraise RuntimeError(y)\n"} {
		p := load(t, example(t, settings))
		if p.Result.Stopped == nil {
			t.Errorf("%q is read to its end", settings)
			continue
		}
		r := Run(p, Selection{})
		if len(r.Findings) > 0 {
			t.Errorf("%q: %s", settings, describe(r.Findings[0]))
		}
		for _, it := range r.Checklist() {
			if it.Status != Unknown {
				t.Errorf("%q: %s is %s", settings, it.Title, it.Status)
			}
		}
	}
}

// TestChecklistOfSome holds that an item passes only when all of its rules were
// asked.
func TestChecklistOfSome(t *testing.T) {
	p := load(t, example(t, ""))
	for _, c := range []struct {
		s    Selection
		n    int
		want Status
	}{
		{Selection{}, 4, Pass},
		{Selection{Select: []string{"DH201"}}, 4, Unknown},
		{Selection{Ignore: []string{"DH211"}}, 4, Unknown},
		{Selection{Ignore: []string{"DH211"}}, 1, Pass},
	} {
		if got := Run(p, c.s).Checklist()[c.n-1].Status; got != c.want {
			t.Errorf("%v: item %d is %s, want %s", c.s, c.n, got, c.want)
		}
	}
}
