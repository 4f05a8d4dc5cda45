package audit

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// secrecyLevel is how much the name of a setting says about its value.
type secrecyLevel uint8

const (
	notSecret   secrecyLevel = iota
	aboutSecret              // and maybe one: PASSWORD_HASHERS, TOKEN_OBTAIN_SERIALIZER
	isSecret                 // SECRET_KEY, EMAIL_HOST_PASSWORD
)

var secretWords = []string{
	"SECRET", "SECRETS", "PASSWORD", "PASSWORDS", "PASSWD", "PASS", "PWD", "PASSPHRASE", "TOKEN", "TOKENS",
	"KEY", "KEYS", "APIKEY", "DSN", "CREDENTIAL", "CREDENTIALS", "SALT",
}

// secrecy judges a name, by the words in it.
func secrecy(name string) secrecyLevel {
	up := strings.ToUpper(strings.NewReplacer("-", "_", " ", "_", ".", "_").Replace(name))
	if up != name && strings.ToLower(name) != name { // secretKey
		var b strings.Builder
		for i, r := range name {
			if unicode.IsUpper(r) && i > 0 {
				b.WriteByte('_')
			}
			b.WriteRune(unicode.ToUpper(r))
		}
		up = b.String()
	}
	words := strings.Split(up, "_")
	found := notSecret
	for i, w := range words {
		if !slices.Contains(secretWords, w) && !joined().MatchString(w) {
			continue
		}
		if i == len(words)-1 || strings.Contains(w, "SECRET") {
			return isSecret
		}
		found = aboutSecret
	}
	if found == aboutSecret && harmless().MatchString(up) {
		return notSecret
	}
	return found
}

var (
	joined    = lazy(`(SECRET|PASSWORD|TOKEN|CREDENTIAL|...KEY)S?$`)
	harmless  = lazy(`LIFETIME|BACKEND|HANDLER|NAME|HEADER|CLASS|EXPIRE|AGE|LENGTH|COOKIE|ALGORITHM|CLAIM|PREFIX|FUNC|SERIALIZER|VALIDATORS|HASHERS|ENABLED|TYPE|TIMEOUT|ROTATE|BLACKLIST|URL`)
	pathLike  = lazy(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$|^/[\w/.-]*$`)
	userinfo  = lazy(`([A-Za-z][A-Za-z0-9+.-]*://[^/?#\s:@]*:)[^\s'"]*@`)
	urlParam  = lazy(`(?i)((?:^|[?&;\s])(?:[a-z_-]*(?:password|passwd|secret|token|key|pwd))=)[^&;\s'"]+`)
	knownKeys = lazy(`(?i)^(AKIA|ASIA|sk_live_|sk_test_|rk_live_|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-|SG\.|AIza|eyJ|key-|whsec_|django-insecure-)[A-Za-z0-9._!@#$%^&*()=+/-]{8,}|-----BEGIN`)
)

const masked = "***"

// maskText is a text as it may be shown, by what its name says.
func maskText(s string, secret secrecyLevel) string {
	switch {
	case s == "":
		return s
	case secret == isSecret, secret == aboutSecret && !pathLike().MatchString(s), looksLikeKey(s):
		return masked
	}
	s = userinfo().ReplaceAllString(s, "${1}"+masked+"@")
	return urlParam().ReplaceAllString(s, "${1}"+masked)
}

// looksLikeKey says whether a text is a secret by its looks alone: a known
// form, or long and without order.
func looksLikeKey(s string) bool {
	if knownKeys().MatchString(s) {
		return true
	}
	if len(s) < 24 || len(s) > 512 || pathLike().MatchString(s) || strings.ContainsAny(s, " \t\n:{}<>,;/\\%.'\"") {
		return false
	}
	var lower, upper, digit bool
	count := map[rune]float64{}
	for _, r := range s {
		lower, upper, digit = lower || unicode.IsLower(r), upper || unicode.IsUpper(r), digit || unicode.IsDigit(r)
		count[r]++
	}
	if !digit || !lower && !upper {
		return false
	}
	entropy, n := 0.0, float64(len([]rune(s)))
	for _, c := range count {
		entropy -= c / n * math.Log2(c/n)
	}
	return entropy > 3.3
}
