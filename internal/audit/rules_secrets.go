package audit

import (
	"fmt"
	"math"
	"strings"

	"github.com/djharden/djharden/internal/pyeval"
)

const newKey = `python -c "import secrets; print(secrets.token_urlsafe(48))"`

var secretRules = []*Rule{
	{
		ID: "DH111", Name: "secret-key-weak", Title: "SECRET_KEY can be guessed", Severity: Critical, Item: 2,
		Why: "The key signs sessions, password-reset links and messages: whoever guesses it signs in as anyone.",
		Fix: `SECRET_KEY = os.environ["SECRET_KEY"]  # a value of its own per environment: ` + newKey,
		CWE: []int{1391, 331}, ASVS: []string{"11.5.1", "13.3.1"},
		Refs:   []string{settings + "secret-key", checks},
		Checks: []string{"security.W009"},
		Bad:    `SECRET_KEY = "django-insecure-9v$k2@1x!m0w#p4z8q&7r6t5y3u2i1o0l9k8j7h6g5f4"`,
		Good:   "import os\nSECRET_KEY = os.environ[\"APP_KEY\"]",
		check: func(p *Project, r *report) {
			r.ask(p, "SECRET_KEY", func(v *pyeval.Value) verdict { return judgeKey(v, "SECRET_KEY") })
		},
	},
	{
		ID: "DH112", Name: "secret-key-committed", Title: "SECRET_KEY stands in the source", Severity: Critical, Item: 2,
		Why: "Everybody who has, or ever had, the repository can sign sessions of any user. A default counts: production starts on it unnoticed.",
		Fix: `SECRET_KEY = os.environ["SECRET_KEY"]  # and a new value: this one is known`,
		CWE: []int{321, 798}, ASVS: []string{"13.3.1"},
		Refs: []string{settings + "secret-key", docs + "howto/deployment/checklist/#secret-key"},
		Bad:  `SECRET_KEY = "kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY"`,
		Good: "import os\nSECRET_KEY = os.environ.get(\"APP_KEY\")\nif not SECRET_KEY:\n    raise RuntimeError(\"set APP_KEY\")",
		check: func(p *Project, r *report) {
			r.ask(p, "SECRET_KEY", func(v *pyeval.Value) verdict { return committedKey(p, v, "SECRET_KEY") })
		},
	},
	{
		ID: "DH113", Name: "secret-key-per-start", Title: "each process makes its own SECRET_KEY", Severity: Low, Item: 2,
		Why:  "A session that one worker signs is void for the next and after every restart, so people are signed out at random and reset links fail.",
		Fix:  `SECRET_KEY = os.environ["SECRET_KEY"]`,
		Refs: []string{settings + "secret-key"},
		Bad:  "from django.core.management.utils import get_random_secret_key\nSECRET_KEY = get_random_secret_key()",
		Good: "import os\nSECRET_KEY = os.environ[\"SECRET_KEY\"]",
		check: func(p *Project, r *report) {
			v, own := p.get("SECRET_KEY")
			if !own || v.Kind != pyeval.Unknown || p.required(v) || !freshKey().MatchString(p.Result.Get("SECRET_KEY").Decides().Text()+v.At.Text()) {
				return
			}
			if v.FromEnv() {
				r.unknown(p, "SECRET_KEY", v, "without "+strings.Join(v.Env, " and ")+" each process makes a key of its own")
				return
			}
			r.fail(p, "SECRET_KEY", v, "SECRET_KEY is made anew at each start")
		},
	},
	{
		ID: "DH114", Name: "fallback-key-weak", Title: "a key of SECRET_KEY_FALLBACKS can be guessed", Severity: Critical, Item: 2,
		Why: "Signatures made with a fallback are accepted like those of the key itself.",
		Fix: `SECRET_KEY_FALLBACKS = []  # or the former key, from the environment, until its sessions are over`,
		CWE: []int{1391, 331}, ASVS: []string{"11.5.1", "13.3.1"},
		Refs:   []string{settings + "secret-key-fallbacks", checks},
		Checks: []string{"security.W025"},
		Bad:    `SECRET_KEY_FALLBACKS = ["django-insecure-old"]`,
		Good:   `SECRET_KEY_FALLBACKS = []`,
		check: func(p *Project, r *report) {
			v, _ := p.get("SECRET_KEY_FALLBACKS")
			for i, item := range items(v) {
				name := fmt.Sprintf("SECRET_KEY_FALLBACKS[%d]", i)
				if f := r.askValue(p, "SECRET_KEY_FALLBACKS", item, func(x *pyeval.Value) verdict { return judgeKey(x, name) }); f != nil {
					f.at(item.At)
				}
			}
		},
	},
	{
		ID: "DH115", Name: "fallback-key-committed", Title: "a key of SECRET_KEY_FALLBACKS stands in the source", Severity: High, Item: 2,
		Why: "Signatures made with a fallback are accepted like those of the key itself, so a key that was replaced because it leaked still opens every account.",
		Fix: `SECRET_KEY_FALLBACKS = []`,
		CWE: []int{321, 798}, ASVS: []string{"13.3.1"},
		Refs: []string{settings + "secret-key-fallbacks"},
		Bad:  `SECRET_KEY_FALLBACKS = ["kq8Zt3vXy1Rb7Wn5Lp9Ds2Fg6Hj4Mc0QaUeIoTzVxBnKlPrSdGwY"]`,
		Good: "import os\nSECRET_KEY_FALLBACKS = [k for k in os.environ.get(\"OLD_KEYS\", \"\").split(\",\") if k]",
		check: func(p *Project, r *report) {
			v, _ := p.get("SECRET_KEY_FALLBACKS")
			for _, item := range items(v) {
				if f := r.askValue(p, "SECRET_KEY_FALLBACKS", item, func(x *pyeval.Value) verdict { return committedKey(p, x, "SECRET_KEY_FALLBACKS") }); f != nil {
					f.at(item.At)
				}
			}
		},
	},
}

var freshKey = lazy(`get_random_secret_key|token_urlsafe|token_hex|token_bytes|get_random_string|uuid4|urandom|SystemRandom|random\.choice`)

// judgeKey is Django's own test of a key, and what it lets through: a
// placeholder or a repetition of the right length.
func judgeKey(v *pyeval.Value, name string) verdict {
	switch {
	case v.Truth() == pyeval.No && v.FromEnv():
		return cantTell(strings.Join(v.Env, " and ") + " isn't set here; Django refuses to sign anything without a key")
	case v.Truth() == pyeval.No:
		return wrong("%s is empty: Django refuses to work without a key", name)
	case v.Kind != pyeval.Str && v.Kind != pyeval.Bytes:
		return right
	}
	if weak := weakKey(v.S); weak != "" {
		return wrong("%s %s", name, weak)
	}
	return right
}

// weakKey says why a key can be guessed, "" when it seems random.
func weakKey(s string) string {
	switch {
	case strings.HasPrefix(s, "django-insecure-"):
		return "is the one that startproject wrote, prefix and all"
	case placeholder(s):
		return "is a placeholder"
	case len([]rune(s)) < 50:
		return fmt.Sprintf("has %d characters; Django asks for 50", len([]rune(s)))
	case unlike(s) < 5, repeats(s), entropy(s) < 3:
		return "repeats itself: it isn't random"
	}
	return ""
}

// committedKey is wrong for a good key that stands in the source; a bad one is
// another rule's.
func committedKey(p *Project, v *pyeval.Value, setting string) verdict {
	if v.Kind != pyeval.Str && v.Kind != pyeval.Bytes || v.S == "" || weakKey(v.S) != "" || !p.written(setting, v) {
		return right
	}
	if len(v.Env) > 0 {
		return wrong("without %s, %s is a value that stands in the source", strings.Join(v.Env, " and "), setting)
	}
	return wrong("%s is written in the source", setting)
}

var placeholderText = lazy(`(?i)insecure|change[-_ ]?(?:me|this|it)\b|chang(?:e|ing)_?me|replace[-_ ]?(?:me|this|with)|your[-_ ]?(?:django|secret|own|key|super|random|production|password|email|api|token)|(?:^|[-_ ])(?:placeholder|example|dummy|todo|fixme|xxx+)(?:[-_ ]|$)|secret[-_ ]?key[-_ ]?here|not[-_ ]?(?:so[-_ ]?)?secret|super[-_ ]?secret|my[-_ ]?secret|^secret$|^<.*>$|^\*+$|^\.\.\.$|^x+$`)

// placeholder reports whether a text stands where a secret is to be put. Words
// inside a long random text don't count: they come up by chance.
func placeholder(s string) bool { return placeholderText().MatchString(s) }

func unlike(s string) int {
	seen := map[rune]bool{}
	for _, c := range s {
		seen[c] = true
	}
	return len(seen)
}

// repeats reports whether s is one part, again and again.
func repeats(s string) bool {
	return len(s) > 1 && strings.Contains((s + s)[1:2*len(s)-1], s)
}

// entropy is Shannon's, in bits per character; 50 random characters of base64
// have over 4.5.
func entropy(s string) float64 {
	count := map[rune]int{}
	n := 0
	for _, c := range s {
		count[c]++
		n++
	}
	var h float64
	for _, k := range count {
		f := float64(k) / float64(n)
		h -= f * math.Log2(f)
	}
	return h
}
