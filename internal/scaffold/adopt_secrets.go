package scaffold

import (
	"regexp"
	"strings"

	"github.com/djharden/djharden/internal/django"
	"github.com/djharden/djharden/internal/pysrc"
)

// leak is a secret that stands in the settings as plain text.
type leak struct {
	setting string // SECRET_KEY, DATABASES.default.PASSWORD
	env     string // its name in .env
	value   string
	node    *pysrc.Node // the literal
	stmt    *pysrc.Stmt // the top-level statement it is in
	key     bool        // signs things: dropped, a new one is made
	fixed   bool        // the default of a look at the environment
}

var (
	// secretName are the endings that names of secrets have.
	secretName = regexp.MustCompile(`(^|_)(PASSWORD|PASSWD|PASS|PWD|SECRET|SECRET_KEY|SECRET_ID|SECRET_ACCESS_KEY|ACCESS_KEY|ACCESS_KEY_ID|ACCOUNT_KEY|API_?KEY|API_SECRET|AUTH_KEY|AUTH_TOKEN|ACCESS_TOKEN|TOKEN|PRIVATE_KEY|ENCRYPTION_KEY|SIGNING_KEY|SERVER_KEY|CLIENT_SECRET|WEBHOOK_SECRET|DSN)$|^STRIPE_\w*(KEY|SECRET)|^FIELD_ENCRYPTION_KEY$`)
	// secretShape are the forms that well-known secrets have.
	secretShape = regexp.MustCompile(`^(sk|rk|pk|whsec)_(live|test)?_?\w{10,}|^AKIA[0-9A-Z]{16}$|^SG\.[\w-]{16,}|^gh[pousr]_\w{20,}|^xox[abprs]-|^AIza[\w-]{30,}|^[a-z][a-z0-9+.-]*://[^/@\s:]*:[^/@\s]+@`)
	// secretNot are names with such an ending that hold no secret.
	secretNot = regexp.MustCompile(`URL$|^CSRF_|_HEADER|^PASSWORD_RESET|MODEL$|SERIALIZER$|CLASS(ES)?$|FIELD$|CLAIM$|_PREFIX$|_NAME$|LOGIN`)
	jwtName   = regexp.MustCompile(`JWT|SIGNING_KEY`)
	dotted    = regexp.MustCompile(`^[a-z_]\w*(\.\w+)+$`)
)

// leaks finds the secrets that stand in the settings, in source order, and what
// has the name of a secret and is put together from text: that stays.
func leaks(s *django.Settings) (found, composed []leak) {
	f := leakFinder{s: s}
	f.stmts(s.Src.Stmts, nil)
	return f.found, f.composed
}

type leakFinder struct {
	s        *django.Settings
	found    []leak
	composed []leak
}

func (f *leakFinder) stmts(list []*pysrc.Stmt, top *pysrc.Stmt) {
	for _, st := range list {
		at := top
		if at == nil {
			at = st
		}
		switch {
		case st.Kind == pysrc.SCompound && (st.Key == "def" || st.Key == "class"):
			continue
		case st.Kind == pysrc.SCompound:
			f.stmts(st.Body, at)
		case st.Value != nil && len(st.Targets) > 0:
			for _, t := range st.Targets {
				f.value(f.target(t), st.Value, at)
			}
		case st.Kind == pysrc.SExpr && st.Value.Kind == pysrc.Call && st.Value.Kids[0].Kind == pysrc.Attr: // X.update({...})
			for _, a := range st.Value.Kids[1:] {
				f.value(f.target(st.Value.Kids[0].Kids[0]), a, at)
			}
		}
	}
}

// target is the dotted path that is assigned to: DATABASES.default.PASSWORD.
func (f *leakFinder) target(n *pysrc.Node) []string {
	switch n.Kind {
	case pysrc.Name:
		return []string{n.Name}
	case pysrc.Sub:
		p := f.target(n.Kids[0])
		if key, ok := f.s.Src.StrValue(n.Kids[1]); ok && len(n.Kids) == 2 {
			return append(p, key)
		}
		return p
	case pysrc.Paren:
		return f.target(n.Kids[0])
	}
	return nil
}

func (f *leakFinder) value(path []string, n *pysrc.Node, top *pysrc.Stmt) {
	switch n.Kind {
	case pysrc.Paren:
		f.value(path, n.Kids[0], top)
	case pysrc.Str:
		f.literal(path, n, top, false)
	case pysrc.FStr:
		f.compose(path, n)
	case pysrc.Dict:
		for _, p := range n.Pairs() {
			if p.Key == nil {
				continue
			}
			if key, ok := f.s.Src.StrValue(p.Key); ok {
				f.value(append(path[:len(path):len(path)], key), p.Value, top)
			}
		}
	case pysrc.List, pysrc.Tuple:
		for _, k := range n.Kids {
			f.value(path, k, top)
		}
	case pysrc.Bin: // X or "default"
		if n.Name == "or" || n.Name == "|" {
			for _, k := range n.Kids {
				f.value(path, k, top)
			}
		}
		if n.Name == "+" || n.Name == "%" {
			f.compose(path, n)
		}
	case pysrc.IfExp:
		f.value(path, n.Kids[0], top)
		f.value(path, n.Kids[2], top)
	case pysrc.Call:
		f.call(path, n, top)
	}
}

// call looks at the default of a look at the environment, at dict(...) and at
// the scheme of django-environ.
func (f *leakFinder) call(path []string, n *pysrc.Node, top *pysrc.Stmt) {
	if a := n.Kids[0]; a.Kind == pysrc.Attr && a.Kids[0].Kind == pysrc.Str { // "...".encode()
		f.compose(path, n)
	}
	q := f.s.Scope.Resolve(n.Kids[0])
	for _, a := range n.Kids[1:] {
		if a.Kind != pysrc.KwArg {
			continue
		}
		switch {
		case q == "dict":
			f.value(append(path[:len(path):len(path)], a.Name), a.Kids[0], top)
		case q == "environ.Env":
			if t := a.Kids[0]; t.Kind == pysrc.Tuple && len(t.Kids) == 2 && t.Kids[1].Kind == pysrc.Str {
				f.literal([]string{a.Name}, t.Kids[1], top, true)
			}
		}
	}
	for _, r := range f.s.Reads {
		if r.Node == n && r.Default != nil && r.Default.Kind == django.String && r.Default.Node != nil && r.Default.Node.Kind == pysrc.Str && inside(r.Default.Node, n) {
			p := path
			if !named(p) {
				p = []string{r.Name}
			}
			f.literal(p, r.Default.Node, top, true)
			f.rename(r)
		}
	}
}

// rename keeps the variable's own name for the default that was just found.
func (f *leakFinder) rename(r django.EnvRead) {
	if i := len(f.found) - 1; i >= 0 && f.found[i].node == r.Default.Node && isEnvName(r.Name) {
		f.found[i].env = r.Name
	}
}

func inside(n, outer *pysrc.Node) bool { return n.S >= outer.S && n.E <= outer.E }

// named reports whether the last part of a path is the name of a secret.
func named(path []string) bool {
	if len(path) == 0 {
		return false
	}
	name := strings.ToUpper(path[len(path)-1])
	return secretName.MatchString(name) && !secretNot.MatchString(name)
}

func (f *leakFinder) literal(path []string, n *pysrc.Node, top *pysrc.Stmt, fixed bool) {
	value, ok := f.s.Src.StrValue(n)
	if !ok { // bytes
		f.compose(path, n)
	}
	if !ok || len(path) == 0 || strings.TrimSpace(value) == "" {
		return
	}
	byName := named(path) && !dotted.MatchString(value) && !strings.HasPrefix(value, "/")
	if !byName && !secretShape.MatchString(value) {
		return
	}
	name := strings.ToUpper(path[len(path)-1])
	l := leak{setting: strings.Join(path, "."), env: envNameOf(path), value: value, node: n, stmt: top, fixed: fixed}
	switch {
	case l.setting == "SECRET_KEY":
		l.key = true
	case name == "SIGNING_KEY" || jwtName.MatchString(path[0]) && byName:
		l.key, l.env = true, "JWT_SIGNING_KEY"
	}
	f.found = append(f.found, l)
}

// compose notes the name of a secret whose value isn't one plain string, when
// there is text in it long enough to be a secret.
func (f *leakFinder) compose(path []string, n *pysrc.Node) {
	if !named(path) {
		return
	}
	long := false
	pysrc.Walk([]*pysrc.Stmt{{Kind: pysrc.SExpr, Value: n}}, func(*pysrc.Stmt) {}, func(k *pysrc.Node) {
		if k.Kind == pysrc.Str || k.Kind == pysrc.FStr {
			long = long || longText.MatchString(f.s.Src.Text(k))
		}
	})
	if long {
		f.composed = append(f.composed, leak{setting: strings.Join(path, "."), node: n})
	}
}

// longText is text of 8 characters without a blank, outside of {fields}.
var longText = regexp.MustCompile(`(^|[}"'])[^\s{}"']{8,}`)

var notEnv = regexp.MustCompile(`[^A-Z0-9_]+`)

// envNameOf makes the variable's name from the place of the secret.
func envNameOf(path []string) string {
	parts := make([]string, len(path))
	for i, p := range path {
		parts[i] = strings.Trim(notEnv.ReplaceAllString(strings.ToUpper(p), "_"), "_")
	}
	switch {
	case parts[0] == "DATABASES" && len(parts) == 3 && parts[1] == "DEFAULT":
		return "DB_" + parts[2]
	case parts[0] == "DATABASES" && len(parts) == 3:
		return "DB_" + parts[1] + "_" + parts[2]
	case parts[0] == "MAILERS" && parts[len(parts)-1] == "PASSWORD":
		return "EMAIL_HOST_PASSWORD"
	}
	name := strings.Join(parts, "_")
	if !isEnvName(name) {
		return "SETTING_" + name
	}
	return name
}
