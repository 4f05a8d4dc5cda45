package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// signIns are views of packages that take a password, or what the views of a
// project inherit from that do.
var signIns = []string{
	"rest_framework_simplejwt.views.TokenObtainPairView",
	"rest_framework_simplejwt.views.TokenObtainSlidingView",
	"rest_framework_simplejwt.views.token_obtain_pair",
	"rest_framework_simplejwt.views.token_obtain_sliding",
	"rest_framework_jwt.views.ObtainJSONWebToken",
	"rest_framework_jwt.views.obtain_jwt_token",
	"djoser.views.TokenCreateView",
}

// unthrottled are views of REST framework itself whose throttle_classes is ().
var unthrottled = []string{"rest_framework.authtoken.views.ObtainAuthToken", "rest_framework.authtoken.views.obtain_auth_token"}

var (
	signing     = lazy(`log_?in|sign_?in|token|auth|jwt|session|password`)
	viewScope   = lazy(`throttle_scope\s*=\s*["']([^"']*)["']`)
	viewNone    = lazy(`throttle_classes\s*=\s*(\[\s*\]|\(\s*\))`)
	viewClasses = lazy(`throttle_classes\s*=`)
)

func checkTokenEndpoints(p *Project, r *report) {
	if !r.needs(p, p.rest(), "INSTALLED_APPS", "REST framework") {
		return
	}
	found := false
	for _, route := range p.Routes {
		d, ok := p.endpoint(route)
		if !ok {
			continue
		}
		found = true
		v, _ := p.api(throttleClasses)
		if d.wrong == pyeval.Yes && d.at.IsZero() {
			d.at = route.At
		}
		r.take(p, sub(rest, throttleClasses), v, d)
	}
	if !found {
		r.notApplicable("no endpoint that takes a password was found in the URLs")
	}
}

// endpoint judges a route that leads to a sign-in; ok is false for others.
func (p *Project) endpoint(route Route) (d verdict, ok bool) {
	if low := strings.ToLower(route.View + " " + route.Pattern); !signing().MatchString(low) {
		return right, false
	}
	chain, others := p.lineage(route.View)
	bare := slices.ContainsFunc(others, func(s string) bool { return slices.Contains(unthrottled, s) })
	if !bare && !slices.ContainsFunc(others, func(s string) bool { return slices.Contains(signIns, s) }) && !p.ownSignIn(chain, others) {
		return right, false
	}
	name := lastName(route.View) + " at /" + strings.TrimPrefix(route.Pattern, "/")
	call := route.At.Text()
	if strings.Count(call, "as_view(") > 1 {
		call = ""
	}
	scope := ""
	if m := viewScope().FindStringSubmatch(call); m != nil {
		scope = m[1]
	}
	switch {
	case strings.Contains(call, "ratelimit"):
		return right, true
	case viewNone().MatchString(call):
		return wrong("%s has throttle_classes empty: it isn't throttled at all", name), true
	case viewClasses().MatchString(call):
		return right, true
	}
	list, whole := p.throttles()
	bareBy := bare
	for i := len(chain) - 1; i >= 0; i-- { // the last class first: those before it override
		c := chain[i]
		if n := c.own("throttle_scope"); n != nil && !viewScope().MatchString(call) {
			if scope, _ = c.src.Mod.StrValue(n); scope == "" {
				scope = unseenScope
			}
		}
		n := c.own("throttle_classes")
		if n == nil {
			continue
		}
		names, all := c.names(n)
		if all && len(names) == 0 {
			return wrong("%s has throttle_classes empty: it isn't throttled at all", name).place(c.place(n)), true
		}
		bareBy, list, whole = false, nil, all
		for _, s := range names {
			list = append(list, p.throttle(qualified(c, s)))
		}
	}
	return p.brake(name, list, whole, scope, bareBy), true
}

// unseenScope stands for a throttle_scope that is no literal.
const unseenScope = "?"

// brake judges the throttles of a sign-in. Where django-axes counts failures,
// a missing throttle leaves no guessing open.
func (p *Project) brake(name string, list []throttle, whole bool, scope string, bare bool) verdict {
	counted := slices.ContainsFunc(list, func(t throttle) bool { return !t.views || scope != "" })
	if scope != "" && scope != unseenScope && !bare && slices.ContainsFunc(list, func(t throttle) bool { return t.views }) {
		rates, own := p.api(throttleRates)
		if d := p.rateOf(rates, scope, "the throttle_scope of "+name, own); d.wrong == pyeval.Yes {
			return d
		}
	}
	locks := p.locksOut()
	switch {
	case locks == pyeval.Yes || !bare && (counted || !whole):
		return right
	case bare:
		return wrong("%s has no throttle: REST framework's view sets throttle_classes to ()", name)
	case len(list) == 0: // throttle-off judges that
		return right
	case locks == pyeval.Maybe:
		return cantTell("whether django-axes counts failed logins can't be told")
	}
	return wrong("%s has no throttle_scope, so ScopedRateThrottle doesn't count it", name)
}

// ownSignIn says whether a view of the project takes a password itself.
func (p *Project) ownSignIn(chain []*class, others []string) bool {
	api := slices.ContainsFunc(others, func(s string) bool {
		return strings.HasPrefix(s, "rest_framework.views.") || strings.HasPrefix(s, "rest_framework.generics.") || strings.HasPrefix(s, "rest_framework.viewsets.")
	})
	return api && slices.ContainsFunc(chain, func(c *class) bool {
		body := string(c.src.Mod.Src[c.stmt.S:c.stmt.E])
		return strings.Contains(body, "authenticate(") && strings.Contains(body, "password")
	})
}

// qualified is a name used in a class's module as a dotted path.
func qualified(c *class, name string) string {
	if strings.HasPrefix(name, ".") {
		return absolute(name, c.module, strings.HasSuffix(c.src.Path, "__init__.py"))
	}
	if !strings.Contains(name, ".") {
		return c.module + "." + name
	}
	return name
}
