package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// jwtDefaults are Simple JWT's own values of the keys that rules read.
var jwtDefaults = map[string]*pyeval.Value{
	"ACCESS_TOKEN_LIFETIME":    seconds(5 * 60),
	"REFRESH_TOKEN_LIFETIME":   seconds(24 * 3600),
	"SLIDING_TOKEN_LIFETIME":   seconds(5 * 60),
	"ROTATE_REFRESH_TOKENS":    pythonValue(false),
	"BLACKLIST_AFTER_ROTATION": pythonValue(false),
	"ALGORITHM":                pythonValue("HS256"),
	"VERIFYING_KEY":            pythonValue(""),
	"JWK_URL":                  pythonValue(nil),
}

// jwtKeys are the keys of Simple JWT 5.
var jwtKeys = strings.Fields(`
	ACCESS_TOKEN_LIFETIME REFRESH_TOKEN_LIFETIME ROTATE_REFRESH_TOKENS BLACKLIST_AFTER_ROTATION UPDATE_LAST_LOGIN
	ALGORITHM SIGNING_KEY VERIFYING_KEY AUDIENCE ISSUER JSON_ENCODER JWK_URL LEEWAY AUTH_HEADER_TYPES AUTH_HEADER_NAME
	USER_ID_FIELD USER_ID_CLAIM USER_AUTHENTICATION_RULE AUTH_TOKEN_CLASSES TOKEN_TYPE_CLAIM JTI_CLAIM TOKEN_USER_CLASS
	SLIDING_TOKEN_REFRESH_EXP_CLAIM SLIDING_TOKEN_LIFETIME SLIDING_TOKEN_REFRESH_LIFETIME TOKEN_OBTAIN_SERIALIZER
	TOKEN_REFRESH_SERIALIZER TOKEN_VERIFY_SERIALIZER TOKEN_BLACKLIST_SERIALIZER SLIDING_TOKEN_OBTAIN_SERIALIZER
	SLIDING_TOKEN_REFRESH_SERIALIZER CHECK_REVOKE_TOKEN REVOKE_TOKEN_CLAIM CHECK_USER_IS_ACTIVE`)

var jwtRemoved = []string{"AUTH_HEADER_TYPE", "AUTH_TOKEN_CLASS", "SECRET_KEY", "TOKEN_BACKEND_CLASS"}

// token is a key of SIMPLE_JWT, with Simple JWT's default.
func (p *Project) token(key string) (v *pyeval.Value, own pyeval.Truth) {
	return p.option(jwt, key, jwtDefaults[key])
}

// usesJWT says whether Simple JWT is in use.
func (p *Project) usesJWT() pyeval.Truth {
	if _, own := p.get(jwt); own {
		return pyeval.Yes
	}
	for _, route := range p.Routes {
		if strings.HasPrefix(route.View, "rest_framework_simplejwt.") {
			return pyeval.Yes
		}
	}
	if p.takesJWT() == pyeval.Yes {
		return pyeval.Yes
	}
	out := any3(p.has("rest_framework_simplejwt"), p.has("rest_framework_simplejwt.token_blacklist"))
	if out == pyeval.Maybe && p.Deps != nil {
		if _, listed := p.Deps["djangorestframework-simplejwt"]; !listed {
			return pyeval.No
		}
	}
	return out
}

// takesJWT says whether the default authentication classes take JSON web
// tokens. A class of the project that can't be read may.
func (p *Project) takesJWT() pyeval.Truth {
	v, own := p.api("DEFAULT_AUTHENTICATION_CLASSES")
	if own == pyeval.No {
		return pyeval.No
	}
	return v.All(func(v *pyeval.Value) pyeval.Truth {
		list, whole := paths(v)
		out := pyeval.No
		if !whole {
			out = pyeval.Maybe
		}
		for _, name := range list {
			if strings.HasPrefix(name, "rest_framework.authentication.") {
				continue
			}
			_, others := p.lineage(name)
			for _, o := range others {
				switch {
				case strings.HasPrefix(o, "rest_framework_simplejwt.") || strings.Contains(strings.ToLower(o), "jwt"):
					return pyeval.Yes
				case !strings.HasPrefix(o, "rest_framework.authentication."):
					out = pyeval.Maybe
				}
			}
		}
		return out
	})
}

func (r *report) needsJWT(p *Project) bool {
	return r.needs(p, p.usesJWT(), "INSTALLED_APPS", "Simple JWT")
}

// lifetime judges how long a token lives.
func (p *Project) lifetime(most float64, name string) func(*pyeval.Value) verdict {
	return func(v *pyeval.Value) verdict {
		switch v.Kind {
		case pyeval.Duration:
			if v.F > most {
				return wrong("%s is %s", name, span(v.F))
			}
			return right
		case pyeval.Int, pyeval.Float, pyeval.Str:
			return wrong("%s isn't a timedelta: Simple JWT can't make a token with it", name)
		}
		return p.opaque(v)
	}
}

// span is a length of time in words.
func span(s float64) string {
	for _, u := range []struct {
		seconds float64
		name    string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}} {
		if n := s / u.seconds; n >= 1 {
			text := strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0") + " " + u.name
			if n != 1 {
				text += "s"
			}
			return text
		}
	}
	return fmt.Sprintf("%g seconds", s)
}

func checkAccessLifetime(p *Project, r *report) {
	if !r.needsJWT(p) {
		return
	}
	for _, key := range []string{"ACCESS_TOKEN_LIFETIME", "SLIDING_TOKEN_LIFETIME"} {
		if v, own := p.token(key); own != pyeval.No {
			r.weigh(p, sub(jwt, key), v, p.lifetime(3600, key))
		}
	}
}

func checkRefreshLifetime(p *Project, r *report) {
	if !r.needsJWT(p) {
		return
	}
	if v, own := p.token("REFRESH_TOKEN_LIFETIME"); own != pyeval.No {
		r.weigh(p, sub(jwt, "REFRESH_TOKEN_LIFETIME"), v, p.lifetime(30*86400, "REFRESH_TOKEN_LIFETIME"))
	}
}

func checkBlacklistApp(p *Project, r *report) {
	const key = "BLACKLIST_AFTER_ROTATION"
	if !r.needsJWT(p) {
		return
	}
	v, _ := p.token(key)
	rotates, _ := p.token("ROTATE_REFRESH_TOKENS")
	if v.Truth() == pyeval.No || rotates.Truth() == pyeval.No {
		return
	}
	d := wrong("BLACKLIST_AFTER_ROTATION does nothing: INSTALLED_APPS lacks rest_framework_simplejwt.token_blacklist")
	switch installed := p.has("rest_framework_simplejwt.token_blacklist"); {
	case installed == pyeval.Yes:
		return
	case installed == pyeval.Maybe:
		d = cantTell("INSTALLED_APPS can't be read")
	case v.Truth() == pyeval.Maybe:
		d = p.opaque(v)
	case rotates.Truth() == pyeval.Maybe:
		d = p.opaque(rotates)
	}
	r.take(p, sub(jwt, key), v, d)
}

// checkBlacklistAlone and checkRotation are the two halves of one setting.
func checkBlacklistAlone(p *Project, r *report) {
	r.halves(p, "BLACKLIST_AFTER_ROTATION", "ROTATE_REFRESH_TOKENS", "BLACKLIST_AFTER_ROTATION is on, but ROTATE_REFRESH_TOKENS is off: nothing is ever blacklisted")
}

func checkRotation(p *Project, r *report) {
	r.halves(p, "ROTATE_REFRESH_TOKENS", "BLACKLIST_AFTER_ROTATION", "ROTATE_REFRESH_TOKENS is on, but BLACKLIST_AFTER_ROTATION is off: the old refresh token goes on working")
}

// halves reports a switch that is on while the one it needs is off.
func (r *report) halves(p *Project, on, off, words string) {
	if !r.needsJWT(p) {
		return
	}
	a, _ := p.token(on)
	b, _ := p.token(off)
	switch {
	case a.Truth() == pyeval.No || b.Truth() == pyeval.Yes:
	case a.Truth() == pyeval.Yes && b.Truth() == pyeval.No:
		r.take(p, sub(jwt, off), b, verdict{wrong: pyeval.Yes, words: words})
	case a.Truth() == pyeval.Maybe:
		r.take(p, sub(jwt, on), a, p.opaque(a))
	default:
		r.take(p, sub(jwt, off), b, p.opaque(b))
	}
}

func checkJWTKeys(p *Project, r *report) {
	if !r.needsJWT(p) {
		return
	}
	if v, own := p.get(jwt); own {
		r.strayKeys(p, jwt, "Simple JWT", v, jwtKeys, jwtRemoved)
	}
}

func checkLegacyJWT(p *Project, r *report) {
	const setting = "JWT_AUTH"
	if _, own := p.get(setting); !own {
		r.notApplicable("the project has no JWT_AUTH")
		return
	}
	for _, c := range []struct{ key, words string }{
		{"JWT_VERIFY", "JWT_VERIFY is off: every token is taken, forged ones too"},
		{"JWT_VERIFY_EXPIRATION", "JWT_VERIFY_EXPIRATION is off: a token works for ever"},
	} {
		v, _ := p.option(setting, c.key, pythonValue(true))
		r.weigh(p, sub(setting, c.key), v, func(v *pyeval.Value) verdict {
			switch v.Truth() {
			case pyeval.No:
				return wrong("%s", c.words)
			case pyeval.Maybe:
				return p.opaque(v)
			}
			return right
		})
	}
	if v, own := p.option(setting, "JWT_EXPIRATION_DELTA", nil); own != pyeval.No {
		r.weigh(p, sub(setting, "JWT_EXPIRATION_DELTA"), v, p.lifetime(3600, "JWT_EXPIRATION_DELTA"))
	}
}

var jwtWords = []string{"JWTAuthentication", "JWTStatelessUserAuthentication", "JWTTokenUserAuthentication", "JWTCookieAuthentication", "ninja_jwt", "AccessToken("}

func checkJWTUnused(p *Project, r *report) {
	v, own := p.get(jwt)
	if !own {
		r.notApplicable("the project has no SIMPLE_JWT")
		return
	}
	if p.takesJWT() != pyeval.No || p.codeSays(jwtWords...) != pyeval.No {
		return
	}
	for _, name := range []string{"REST_AUTH", "REST_USE_JWT", "DJOSER", "NINJA_JWT"} { // packages that bring a class of their own
		if _, set := p.get(name); set {
			return
		}
	}
	r.fail(p, jwt, v, "no authentication class takes the tokens that SIMPLE_JWT configures")
}

// asymmetric says whether an algorithm signs with one key and checks with
// another.
func asymmetric(algorithm string) bool {
	return slices.ContainsFunc([]string{"RS", "PS", "ES", "Ed"}, func(s string) bool { return strings.HasPrefix(algorithm, s) })
}
