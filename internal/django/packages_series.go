package django

import (
	"regexp"
	"strings"
)

// released are the series of Django, oldest first.
var released = []string{
	"1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "2.0", "2.1", "2.2", "3.0", "3.1", "3.2", "4.0", "4.1", "4.2",
	"5.0", "5.1", "5.2", "6.0", "6.1",
}

// Series tells Django's series, and in words where it is said: from a pin or a
// lock, else from the line that startproject writes into the settings where
// the requirement allows it, else the newest that the requirement allows. It
// is "" when none of them says anything.
// settings are the source of the settings modules, the production one first.
func (p *Packages) Series(settings ...[]byte) (series, from string) {
	head := startedWith(settings)
	x := p.Find("django")
	switch {
	case x == nil && head == "":
		return "", ""
	case x == nil:
		return head, "the settings' first lines say so"
	case x.Exact != "" && numbered(x.Exact):
		return seriesOf(x.Exact), "version " + x.Exact + ", " + x.Where()
	}
	if s := pinned(x.Spec); s != "" {
		return s, x.Spec + ", " + x.Where()
	}
	if head != "" && allows(x.Spec, head) {
		return head, "the settings' first lines say so, and " + x.Where() + " allows it"
	}
	if x.Spec == "" {
		return head, ""
	}
	for i := len(released) - 1; i >= 0; i-- {
		if allows(x.Spec, released[i]) {
			return released[i], "the newest that " + x.Where() + " allows (" + x.Spec + ")"
		}
	}
	for part := range strings.SplitSeq(x.Spec, ",") { // a series nobody has heard of
		if m := clause.FindStringSubmatch(part); m != nil && m[1] != "!=" {
			return seriesOf(m[2]), x.Spec + ", " + x.Where()
		}
	}
	return "", ""
}

// docsLink is what startproject writes into every settings module.
var docsLink = lazy(`https://docs\.djangoproject\.com/en/(\d+\.\d+)/(?:topics|ref)/settings`)

// startedWith is the series that startproject noted, "" when it is gone.
func startedWith(settings [][]byte) string {
	for _, re := range []*regexp.Regexp{header, docsLink()} {
		for _, src := range settings {
			if m := re.FindSubmatch(src); m != nil {
				return seriesOf(string(m[1]))
			}
		}
	}
	return ""
}

func numbered(version string) bool { return version != "" && version[0] >= '0' && version[0] <= '9' }

// FactsFor gives the facts of any series: of one that isn't in the table those
// of the next older one that is, of one older than all those of the oldest, of
// "" those of the newest LTS. What isn't in the table and isn't newer than it
// gets no security fixes any more.
func FactsFor(series string) Facts {
	if series == "" {
		series = NewestLTS()
	}
	if f, ok := FactsOf(series); ok {
		return f
	}
	near := facts[0]
	for _, f := range facts {
		if compareVersions(f.Series, series) < 0 {
			near = f
		}
	}
	newer := compareVersions(series, facts[len(facts)-1].Series) > 0
	near.Series, near.Latest, near.Released, near.SupportEnd = series, "", "", ""
	near.LTS, near.EndOfLife = false, !newer
	return near
}

// Since reports whether the series is a version or newer: facts.Since("5.1").
func (f Facts) Since(version string) bool { return compareVersions(f.Series, version) >= 0 }
