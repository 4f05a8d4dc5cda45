package audit

import (
	"slices"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

// algorithms that Simple JWT takes.
var algorithms = strings.Fields("HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES256K ES384 ES512 ES521 PS256 PS384 PS512 EdDSA")

// leastKey is how many bytes RFC 7518 asks of the key of an algorithm.
var leastKey = map[string]int{"HS256": 32, "HS384": 48, "HS512": 64}

func checkAlgorithm(p *Project, r *report) {
	if !r.needsJWT(p) {
		return
	}
	v, _ := p.token("ALGORITHM")
	verifying, _ := p.token("VERIFYING_KEY")
	signing, signs := p.option(jwt, "SIGNING_KEY", nil)
	r.weigh(p, sub(jwt, "ALGORITHM"), v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Str {
			return p.opaque(v)
		}
		switch {
		case !slices.Contains(algorithms, v.S):
			return wrong("Simple JWT refuses the algorithm %q", v.S)
		case !asymmetric(v.S) && verifying.Kind == pyeval.Str && verifying.S != "":
			return wrong("VERIFYING_KEY does nothing with %s: tokens are checked with SIGNING_KEY", v.S)
		case !asymmetric(v.S) && signing != nil && signing.Kind == pyeval.Str && strings.HasPrefix(strings.TrimSpace(signing.S), "-----BEGIN"):
			return wrong("SIGNING_KEY is a PEM key, and %s refuses those", v.S)
		case asymmetric(v.S) && signs == pyeval.No:
			return wrong("%s needs a private key in SIGNING_KEY, and Simple JWT takes SECRET_KEY", v.S)
		case asymmetric(v.S):
			return p.verifies(v.S, verifying)
		}
		return right
	})
}

// verifies judges the public half of a key pair.
func (p *Project) verifies(algorithm string, key *pyeval.Value) verdict {
	url, _ := p.token("JWK_URL")
	if key.Kind == pyeval.Str && key.S == "" && !key.FromEnv() && url.Truth() == pyeval.No {
		return wrong("%s needs a public key in VERIFYING_KEY: no token can be checked without it", algorithm)
	}
	return right
}

func checkKeyShared(p *Project, r *report) {
	if !r.needsJWT(p) {
		return
	}
	algorithm, _ := p.token("ALGORITHM")
	if algorithm.Kind == pyeval.Str && asymmetric(algorithm.S) {
		r.notApplicable("the tokens are signed with a private key")
		return
	}
	v, own := p.option(jwt, "SIGNING_KEY", nil)
	if own == pyeval.No {
		s, _ := p.get(jwt)
		r.fail(p, sub(jwt, "SIGNING_KEY"), s, "SIGNING_KEY is unset, and Simple JWT takes SECRET_KEY")
		return
	}
	secret, _ := p.get("SECRET_KEY")
	r.weigh(p, sub(jwt, "SIGNING_KEY"), v, func(v *pyeval.Value) verdict {
		switch p.same(v, secret) {
		case pyeval.Yes:
			return wrong("SIGNING_KEY is SECRET_KEY")
		case pyeval.Maybe:
			return p.opaque(v)
		}
		return right
	})
}

// plainRead is a look at one variable, with nothing done to it.
var plainRead = lazy(`^[\w.]+\s*[(\[]\s*["']\w+["'][^()\[\]]*[)\]]$`)

// same says whether two secrets are one.
func (p *Project) same(v, secret *pyeval.Value) pyeval.Truth {
	switch {
	case v == nil || secret == nil:
		return pyeval.Maybe
	case v == secret:
		return pyeval.Yes
	case v.Kind == pyeval.Str && secret.Kind == pyeval.Str:
		return is(v.S == secret.S)
	case v.Kind != pyeval.Unknown:
		return is(false)
	}
	for _, read := range p.Result.Reads {
		if slices.Contains(v.Env, read.Name) && read.Default != nil && (read.Default == secret || sameRead(read.Default, secret)) {
			return pyeval.Yes
		}
	}
	if sameRead(v, secret) {
		return is(v.At == secret.At || plainRead().MatchString(v.At.Text()))
	}
	return is(false)
}

// sameRead says whether two values that can't be known are the same variables,
// for the same reason.
func sameRead(a, b *pyeval.Value) bool {
	return a.Kind == pyeval.Unknown && b.Kind == pyeval.Unknown && len(a.Env) > 0 && slices.Equal(a.Env, b.Env) && a.Why == b.Why
}

func checkKeyWeak(p *Project, r *report) {
	if !r.needsJWT(p) {
		return
	}
	v, own := p.option(jwt, "SIGNING_KEY", nil)
	algorithm, _ := p.token("ALGORITHM")
	secret, _ := p.get("SECRET_KEY")
	if own == pyeval.No || algorithm.Kind == pyeval.Str && !slices.Contains(algorithms, algorithm.S) {
		return
	}
	r.weigh(p, sub(jwt, "SIGNING_KEY"), v, func(v *pyeval.Value) verdict {
		if v.Kind != pyeval.Str {
			return p.opaque(v)
		}
		least := leastKey[algorithm.S]
		switch {
		case p.same(v, secret) == pyeval.Yes: // jwt-key-shared, and SECRET_KEY's own rules
			return right
		case v.S == "" && algorithm.Kind == pyeval.Str && asymmetric(algorithm.S): // nothing can be signed
			return right
		case v.S == "":
			return wrong("SIGNING_KEY is empty")
		case p.written(jwt, v) && len(v.Env) > 0:
			return wrong("SIGNING_KEY is a key in the source when %s is unset", strings.Join(v.Env, " and "))
		case p.written(jwt, v):
			return wrong("SIGNING_KEY is written in the source")
		case len(v.S) < least:
			return wrong("SIGNING_KEY has %d bytes, and %s asks for %d", len(v.S), algorithm.S, least)
		}
		return right
	})
}
