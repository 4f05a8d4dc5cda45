package scaffold

import (
	"fmt"
	"strings"

	"github.com/djharden/djharden/internal/django"
)

const argon2 = "django.contrib.auth.hashers.Argon2PasswordHasher"

var hashers = []string{
	argon2,
	"django.contrib.auth.hashers.PBKDF2PasswordHasher",
	"django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
	"django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
	"django.contrib.auth.hashers.ScryptPasswordHasher",
}

// strong are hashers that may stay first.
var strong = []string{"Argon2", "Scrypt", "BCryptSHA256", "PBKDF2PasswordHasher"}

// passwords is hashing, validation and the lockout.
func (o *overlay) passwords() []string {
	out := o.hashing()
	if v := o.validators(); len(v) > 0 {
		out = append(append(out, ""), v...)
	}
	if o.a.Lockout {
		out = append(append(out, ""), o.lockout()...)
	}
	return out
}

func (o *overlay) hashing() []string {
	v := o.v("PASSWORD_HASHERS")
	if v == nil {
		return append(append([]string{"PASSWORD_HASHERS = ["}, rows("    ", quoted(hashers)...)...), "]")
	}
	if list := v.Strings(); len(list) > 0 && !v.Open {
		for _, s := range strong {
			if strings.Contains(list[0], s) {
				return nil
			}
		}
	}
	o.base("PASSWORD_HASHERS")
	if v.Has(argon2) {
		return []string{
			"PASSWORD_HASHERS = [",
			fmt.Sprintf("    %q,", argon2),
			fmt.Sprintf("    *(h for h in PASSWORD_HASHERS if h != %q),", argon2),
			"]",
		}
	}
	return []string{"PASSWORD_HASHERS = [", fmt.Sprintf("    %q,", argon2), "    *PASSWORD_HASHERS,  # older hashes still work", "]"}
}

const validation = "django.contrib.auth.password_validation."

var validators = []string{"UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator"}

// validators adds what is missing and raises the length to 12; a longer one
// and validators of the user's own stay.
func (o *overlay) validators() []string {
	v := o.v("AUTH_PASSWORD_VALIDATORS")
	has, length, unread := map[string]bool{}, int64(0), false
	if v != nil {
		unread = v.Kind != django.List || v.Open
		for _, it := range v.Items {
			name := it.Get("NAME")
			if name == nil || name.Kind != django.String {
				unread = true
				continue
			}
			short := strings.TrimPrefix(name.Str, validation)
			has[short] = true
			if short == "MinimumLengthValidator" {
				length = 8
				if n := it.Get("OPTIONS", "min_length"); n != nil && n.Kind == django.Int {
					length = n.Int
				}
			}
		}
	}
	minLength := []string{"    {", fmt.Sprintf("        \"NAME\": %q,", validation+"MinimumLengthValidator"), `        "OPTIONS": {"min_length": 12},`, "    },"}
	var missing []string
	for _, name := range validators {
		switch {
		case has[name]:
		case name == "MinimumLengthValidator":
			missing = append(missing, minLength...)
		default:
			missing = append(missing, validator(name)...)
		}
	}
	head := "AUTH_PASSWORD_VALIDATORS = ["
	switch {
	case unread:
		o.warn("validators", "%s:%d: AUTH_PASSWORD_VALIDATORS can't be read and stays: see that passwords need 12 characters", o.s.Path, o.s.LineOf(v))
		return nil
	case v == nil || len(v.Items) == 0:
		return append(append([]string{head}, missing...), "]")
	case length >= 12 && len(missing) == 0:
		return nil
	case length >= 12 || !has["MinimumLengthValidator"]:
		o.base("AUTH_PASSWORD_VALIDATORS")
		return append(append([]string{head, "    *AUTH_PASSWORD_VALIDATORS,"}, missing...), "]")
	}
	o.base("AUTH_PASSWORD_VALIDATORS")
	out := []string{
		head,
		"    *(",
		"        validator",
		"        for validator in AUTH_PASSWORD_VALIDATORS",
		`        if not validator["NAME"].endswith(".MinimumLengthValidator")`,
		"    ),",
	}
	return append(append(append(out, minLength...), missing...), "]")
}

// validator is a row of the list as ruff formats it.
func validator(name string) []string {
	line := fmt.Sprintf("    {\"NAME\": %q},", validation+name)
	if len(line) <= 88 {
		return []string{line}
	}
	return []string{"    {", fmt.Sprintf("        \"NAME\": %q", validation+name), "    },"}
}

const modelBackend = "django.contrib.auth.backends.ModelBackend"

// lockout is django-axes; settings of the user's own stay.
func (o *overlay) lockout() []string {
	var out []string
	switch have := o.v("AUTHENTICATION_BACKENDS"); {
	case have == nil:
		out = append(append(append(out, "AUTHENTICATION_BACKENDS = ["), rows("    ", quoted([]string{"axes.backends.AxesStandaloneBackend", modelBackend})...)...), "]")
	case !have.Has("axes.backends.AxesStandaloneBackend") && !have.Has("axes.backends.AxesBackend"):
		o.base("AUTHENTICATION_BACKENDS")
		out = append(out, "AUTHENTICATION_BACKENDS = [", `    "axes.backends.AxesStandaloneBackend",`, "    *AUTHENTICATION_BACKENDS,", "]")
	}
	for _, row := range []struct{ name, text string }{
		{"AXES_FAILURE_LIMIT", "AXES_FAILURE_LIMIT = 5"},
		{"AXES_COOLOFF_TIME", "AXES_COOLOFF_TIME = timedelta(minutes=15)  # the default never unlocks"},
		{"AXES_LOCKOUT_PARAMETERS", `AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]`},
		{"AXES_ALLOWED_CORS_ORIGINS", `AXES_ALLOWED_CORS_ORIGINS = ""  # the default sends Access-Control-Allow-Origin: *`},
		{"AXES_RESET_ON_SUCCESS", "AXES_RESET_ON_SUCCESS = True"},
		{"AXES_SENSITIVE_PARAMETERS", `AXES_SENSITIVE_PARAMETERS = ["username"]  # not the address: fail2ban needs it`},
	} {
		if !o.s.Has(row.name) {
			out = append(out, row.text)
		}
	}
	for _, name := range []string{"AXES_IPWARE_PROXY_COUNT", "AXES_BEHIND_REVERSE_PROXY", "AXES_PROXY_COUNT"} {
		if v := o.v(name); v != nil {
			o.warn("axes-proxy", "%s:%d: %s counts proxies in a header that TrustedProxyMiddleware removes: take the line out", o.s.Path, o.s.LineOf(v), name)
		}
	}
	return out
}

// api extends REST_FRAMEWORK and SIMPLE_JWT.
func (o *overlay) api() []string {
	if !o.p.HasAPI {
		return nil
	}
	out := o.rest()
	if o.a.JWT {
		out = append(append(out, ""), o.jwt()...)
	}
	return out
}

// merged writes NAME = NAME | {...}, or NAME = {...} where base.py has none.
func (o *overlay) merged(name string, body []string) []string {
	if len(body) == 0 {
		return nil
	}
	head := name + " = {"
	if o.s.Has(name) {
		head = name + " = " + o.base(name) + " | {"
	}
	return append(append([]string{head}, body...), "}")
}

func (o *overlay) rest() []string {
	have := o.v("REST_FRAMEWORK")
	var body []string
	if have.Get("DEFAULT_AUTHENTICATION_CLASSES") == nil && o.a.JWT {
		body = append(body, `    "DEFAULT_AUTHENTICATION_CLASSES": [`, `        "rest_framework_simplejwt.authentication.JWTAuthentication"`, "    ],")
	}
	const allowAny = "rest_framework.permissions.AllowAny"
	switch p := have.Get("DEFAULT_PERMISSION_CLASSES"); {
	case p == nil:
		body = append(body, `    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],`)
		o.warn("permissions", "REST_FRAMEWORK had no DEFAULT_PERMISSION_CLASSES, so every view was open to all; in production views need a login now: those that are public say permission_classes = [AllowAny]")
	case p.Has(allowAny):
		o.warn("permissions", "%s:%d: DEFAULT_PERMISSION_CLASSES is AllowAny and stays: every view without its own is open to all", o.s.Path, o.s.LineOf(p))
	}
	classes, rates := o.throttles(have)
	body = append(body, classes...)
	body = append(body, rates...)
	if n := have.Get("NUM_PROXIES"); n == nil || n.Kind != django.Int || n.Int != 0 {
		body = append(body, `    "NUM_PROXIES": 0,  # TrustedProxyMiddleware has settled REMOTE_ADDR`)
	}
	return o.merged("REST_FRAMEWORK", body)
}

func (o *overlay) throttles(have *django.Value) (classes, rates []string) {
	const key = "DEFAULT_THROTTLE_CLASSES"
	theirs := have.Get(key)
	want := []string{"rest_framework.throttling.AnonRateThrottle", "rest_framework.throttling.UserRateThrottle"}
	scopes := [][2]string{{"anon", "60/min"}, {"user", "600/min"}}
	if o.brake {
		want = append(want, o.own+".throttling.TokenRateThrottle")
		scopes = append(scopes, [2]string{"login", "20/min"}, [2]string{"refresh", "60/min"})
	}
	var missing []string
	for _, c := range want {
		if !theirs.Has(c) && !(theirs.MayHold(c)) {
			missing = append(missing, c)
		}
	}
	switch {
	case theirs == nil || theirs.Kind == django.List && len(theirs.Items) == 0 && !theirs.Open:
		classes = append(append([]string{`    "` + key + `": [`}, rows("        ", quoted(missing)...)...), "    ],")
	case len(missing) > 0 && theirs.Kind == django.List:
		classes = append(append([]string{`    "` + key + `": [`, `        *REST_FRAMEWORK["` + key + `"],`}, rows("        ", quoted(missing)...)...), "    ],")
	}
	set := have.Get("DEFAULT_THROTTLE_RATES")
	var body []string
	for _, s := range scopes {
		if v := set.Get(s[0]); v == nil || v.Kind == django.None {
			line := fmt.Sprintf("        %q: %q,", s[0], s[1])
			if s[0] == "login" {
				line += "  # by address: a school shares one"
			}
			body = append(body, line)
		}
	}
	if len(body) == 0 {
		return classes, nil
	}
	head := `    "DEFAULT_THROTTLE_RATES": {`
	if set != nil {
		head = `    "DEFAULT_THROTTLE_RATES": REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]` + "\n    | {"
	}
	return classes, append(append([]string{head}, body...), "    },")
}

func (o *overlay) jwt() []string {
	have := o.v("SIMPLE_JWT")
	var body []string
	lifetime := func(key, short string, limit int64) {
		v := have.Get(key)
		switch {
		case v == nil || v.Kind == django.Duration && !v.Cond && v.Int <= limit:
		case v.Kind == django.Duration && !v.Cond:
			body = append(body, fmt.Sprintf("    %q: %s,", key, short))
			o.warn("token-lifetime", "%s:%d: %s was longer; in production it is %s", o.s.Path, o.s.LineOf(v), key, short)
		default:
			body = append(body, fmt.Sprintf("    %q: min(SIMPLE_JWT[%q], %s),", key, key, short))
		}
	}
	lifetime("ACCESS_TOKEN_LIFETIME", "timedelta(minutes=15)", 900)
	lifetime("REFRESH_TOKEN_LIFETIME", "timedelta(days=1)", 86400)
	rotates := have.Get("ROTATE_REFRESH_TOKENS").True()
	if !rotates {
		body = append(body, `    "ROTATE_REFRESH_TOKENS": True,`)
		o.warn("token-rotation", "each refresh brings a new refresh token and spends the old one: the front end must store it")
	}
	if !have.Get("BLACKLIST_AFTER_ROTATION").True() {
		body = append(body, `    "BLACKLIST_AFTER_ROTATION": True,`)
	}
	if o.signs {
		body = append(body, `    "SIGNING_KEY": JWT_SIGNING_KEY,`)
	}
	if o.tokens {
		line := fmt.Sprintf("    \"TOKEN_OBTAIN_SERIALIZER\": %q,", o.own+".tokens.TokenObtainPairSerializer")
		if len(line) > 88 {
			line = fmt.Sprintf("    \"TOKEN_OBTAIN_SERIALIZER\": (\n        %q\n    ),", o.own+".tokens.TokenObtainPairSerializer")
		}
		body = append(body, line)
	}
	for i, line := range body {
		if len(line) > 88 && strings.Contains(line, ": min(") {
			key, rest, _ := strings.Cut(line, ": min(")
			body[i] = key + ": min(\n        " + strings.TrimSuffix(rest, "),") + "\n    ),"
		}
	}
	return o.merged("SIMPLE_JWT", body)
}

// otherLogins are apps that sign in by views of their own, which the token
// throttle doesn't know.
var otherLogins = []string{"djoser", "dj_rest_auth", "rest_framework.authtoken", "allauth", "knox"}

// unbraked says which ways to sign in are left without the brakes.
func (o *overlay) unbraked() {
	for _, app := range otherLogins {
		if o.v("INSTALLED_APPS").Has(app) {
			o.warn("other-login", "%s signs users in by views of its own: give those throttle_scope = \"login\", or they are braked by the anon rate and the lockout only", app)
		}
	}
	if v := o.ownSerializer(); v != nil && o.a.JWT && o.a.Lockout {
		o.warn("own-serializer", "%s:%d: TOKEN_OBTAIN_SERIALIZER is your own: have it send user_logged_in, or failed logins count on after a right one, until 15 minutes have passed", o.s.Path, o.s.LineOf(v))
	}
}

// ownSerializer is a token serializer of the project's; nil where Simple JWT's
// stands, as in the block of defaults that its documentation has.
func (o *overlay) ownSerializer() *django.Value {
	v := o.v("SIMPLE_JWT").Get("TOKEN_OBTAIN_SERIALIZER")
	if v != nil && v.Kind == django.String && v.Str == "rest_framework_simplejwt.serializers.TokenObtainPairSerializer" {
		return nil
	}
	return v
}
