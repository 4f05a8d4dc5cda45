package audit

import (
	"net/url"
	"regexp"
	"regexp/syntax"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/djharden/djharden/internal/pyeval"
)

// deadOrigin says why an origin matches none that a browser sends: scheme,
// host and port, and nothing else.
func deadOrigin(s string) string {
	switch {
	case s == "":
		return `an empty string ("".split(",") is [""]) is no origin`
	case strings.TrimSpace(s) != s:
		return quoted(s) + " has blanks around it, so it matches no origin"
	case s == "null" || s == "file://":
		return ""
	case !strings.Contains(s, "://"):
		return quoted(s) + " has no scheme; an origin is like https://app.example.com"
	}
	u, err := url.Parse(strings.Replace(s, "*", "star", 1))
	switch {
	case err != nil || u.Host == "":
		return quoted(s) + " has no host"
	case u.Path == "/":
		return quoted(s) + " ends in a slash, so it matches no origin"
	case u.Path != "" || u.RawQuery != "" || u.Fragment != "":
		return quoted(s) + " has a path; an origin ends with its host and port"
	}
	return ""
}

// openOrigin reports whether an origin goes over plain HTTP to another
// machine, so that anyone on the way can speak for it.
func openOrigin(s string) bool {
	rest, plain := strings.CutPrefix(s, "http://")
	return plain && !loopback(strings.TrimPrefix(rest, "*."))
}

// matcher is an expression of django-cors-headers, which is matched from the
// beginning of the origin, and to its end only when it says so.
type matcher struct {
	re   *regexp.Regexp
	tree *syntax.Regexp
}

var compiled = lazy(`re\.compile\(\s*[rR]?["'](.*)["']`)

// patternOf is the text of an expression: a string, or what re.compile gets.
func patternOf(v *pyeval.Value) string {
	if v.Kind == pyeval.Str {
		return v.S
	}
	if m := compiled().FindStringSubmatch(v.At.Text()); m != nil {
		return m[1]
	}
	return ""
}

// newMatcher is nil for what Go can't compile: such an expression isn't judged.
func newMatcher(pattern string) *matcher {
	re, err := regexp.Compile(`^(?:` + pattern + `)`)
	if err != nil {
		return nil
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return &matcher{re, tree}
}

// stranger finds an origin that matches and that belongs to somebody else, and
// what lets it in; "" when there is none.
func (m *matcher) stranger() (origin, reason string) {
	for _, s := range []string{"https://evil.example", "http://a.b.evil.example:8080"} {
		if m.re.MatchString(s) {
			return s, "it matches every origin"
		}
	}
	var trees []*syntax.Regexp
	trees = append(trees, m.tree)
	if m.tree.Op == syntax.OpAlternate {
		trees = m.tree.Sub
	}
	for _, tree := range trees {
		if origin, reason := m.strangerOf(tree); origin != "" {
			return origin, reason
		}
	}
	return "", ""
}

func (m *matcher) strangerOf(tree *syntax.Regexp) (origin, reason string) {
	s := sampler{fill: "app", swap: -1}
	mine := s.sample(tree)
	if !m.re.MatchString(mine) || owner(mine) == "" {
		return "", ""
	}
	if longer := mine + ".evil.example"; m.re.MatchString(longer) {
		return longer, "it isn't anchored at its end"
	}
	for i := range s.dots {
		other := sampler{fill: "app", swap: i}
		if origin := other.sample(tree); m.re.MatchString(origin) && owner(origin) != "" && owner(origin) != owner(mine) {
			return origin, "a dot without a backslash stands for any character"
		}
	}
	other := sampler{fill: "evil", swap: -1}
	if origin := other.sample(tree); m.re.MatchString(origin) && owner(origin) != "" && owner(origin) != owner(mine) {
		return origin, "others can register such a name"
	}
	return "", ""
}

// owner is the name that somebody registered for an origin's host.
func owner(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	name, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(u.Hostname()))
	if err != nil || strings.HasPrefix(name, ".") {
		return ""
	}
	return name
}

// sampler makes a text that an expression matches: fill for what repeats, a
// dot for a dot, but "x" for the one numbered swap.
type sampler struct {
	fill string
	swap int
	dots int // met so far
}

func (s *sampler) sample(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.dots++
		if s.dots-1 == s.swap {
			return "x"
		}
		return "."
	case syntax.OpCharClass:
		return classRune(re.Rune)
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		return s.repeated(re)
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(s.sample(sub))
		}
		return b.String()
	case syntax.OpAlternate, syntax.OpCapture:
		return s.sample(re.Sub[0])
	}
	return "" // an anchor, or what may be left out
}

// repeated is fill where each of its characters may stand there, else as few
// as there have to be.
func (s *sampler) repeated(re *syntax.Regexp) string {
	one := re.Sub[0]
	switch one.Op {
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return s.fill
	case syntax.OpCharClass:
		if !strings.ContainsFunc(s.fill, func(c rune) bool { return !inClass(one.Rune, c) }) && (re.Op != syntax.OpRepeat || re.Max < 0 || re.Max >= len(s.fill)) {
			return s.fill
		}
	}
	n := re.Min
	if re.Op == syntax.OpPlus {
		n = 1
	}
	var b strings.Builder
	for range n {
		b.WriteString(s.sample(one))
	}
	return b.String()
}

func inClass(ranges []rune, c rune) bool {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i] <= c && c <= ranges[i+1] {
			return true
		}
	}
	return false
}

// classRune is a letter or digit of a class where it has one.
func classRune(ranges []rune) string {
	for _, c := range "a1-_." {
		if inClass(ranges, c) {
			return string(c)
		}
	}
	if len(ranges) == 0 {
		return ""
	}
	return string(ranges[0])
}
